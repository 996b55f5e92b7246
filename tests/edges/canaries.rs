//! Nothing secret is printed: generated manifests hold a canary in every value and in every style,
//! valid and broken, and no command, format, error or log repeats one.
//!
//! Exempt are, by name:
//! - names (of resources, containers, variables, keys), the reason of the annotation
//!   `restore-images.dev/ignore`, and markers of Flux and kpt: they are what a report is about;
//! - the manifests themselves, where they are the output: `fix --diff`, `fix -`, a stream, and the
//!   items of a ResourceList.

use std::fmt::Write as _;
use std::fs;

use crate::support::mutate::Chance;
use crate::support::{Run, report_formats, run, run_in_folder};

const ROUNDS: u64 = 16;

/// Words that are no names and no numbers; every canary is one of its own.
const CANARY: &str = "Kanari";

/// Manifests in the making.
struct Maker {
    chance: Chance,
    canaries: usize,
}

impl Maker {
    fn canary(&mut self) -> String {
        self.canaries += 1;
        format!("{CANARY}{}", self.canaries)
    }

    /// A value with canaries, as a scalar of any style; its lines but the first stand at `indent`.
    fn value(&mut self, indent: usize) -> String {
        let (one, two) = (self.canary(), self.canary());
        let next = format!("\n{:indent$}", "");
        match self.chance.below(11) {
            9 => format!("|{next}{one}: {two}{next}- {two}{next}{{{one}: a}}"),
            10 => format!("[{one}: a,{next}{two}: {one}]"),
            0 => one,
            1 => format!("{one} {two}, user:{one}@{two} a"),
            2 => format!("'{one}: it''s {{{two}}}'"),
            3 => format!("\"{one}\\n\\\"password\\\": \\\"{two}\\\"\""),
            4 => format!("\"{one}{next}{two}\""),
            5 => format!("|-{next}{one}{next}user={two}"),
            6 => format!(">{next}{one}{next}{two}"),
            7 => format!("[{one}, \"{two}\"]"),
            _ => format!("{one}{next}{two}"),
        }
    }

    /// A value on one line, for JSON and flow style.
    fn json(&mut self) -> String {
        let (one, two) = (self.canary(), self.canary());
        match self.chance.below(3) {
            0 => format!("\"{one}\""),
            1 => format!("\"{one}, \\\"{two}\\\": [{one}] # {two}\""),
            _ => format!("\"user:{one}@{two}\""),
        }
    }

    fn image(&mut self) -> String {
        let canary = self.canary();
        let path = "registry.example.com/realtheory/theory-k8s-collector:v1";
        match self.chance.below(12) {
            10 => format!("user%40{canary}:{canary}%40host/realtheory/theory-k8s-collector"),
            0 => "realtheory/theory-k8s-collector:v1".to_owned(),
            1 => format!(
                "\"AWS:{canary}==@1.dkr.ecr.us-east-1.amazonaws.com/realtheory/theory-k8s-collector\""
            ),
            2 => format!("u:p@{canary}@{path}"),
            3 => format!("{canary}@{path}"),
            4 => format!("u:{canary}@sha256:0123456789abcdef0123456789abcdef"),
            5 => format!("https://{canary}:{canary}@{path}"),
            6 => format!("'u:{canary}/{canary}+=@{path}'"),
            7 => format!("\"{path}?token={canary}\""),
            8 => format!("\"{path} {canary}\""),
            9 => format!("u:{canary}@${{REGISTRY}}/realtheory/theory-k8s-collector"),
            _ => format!("realtheory/theory-k8s-collector:{canary}!@registry.example.com"),
        }
    }

    fn documents(&mut self) -> Vec<String> {
        let mut secret = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\n".to_owned();
        let _ = writeln!(secret, "  annotations:\n    note: {}", self.value(6));
        let _ = writeln!(secret, "stringData:\n  password: {}", self.value(4));
        let _ = writeln!(secret, "  image: {}", self.value(4));
        let _ = writeln!(
            secret,
            "data: {{token: {}, other: {}}}",
            self.json(),
            self.json()
        );
        let mut pod =
            "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: realtheorycollector\n"
                .to_owned();
        let _ = writeln!(
            pod,
            "  annotations:\n    note: {} # {}",
            self.json(),
            self.canary()
        );
        let _ = writeln!(pod, "spec:\n  template:\n    spec:\n      containers:");
        let _ = writeln!(
            pod,
            "      - name: realtheorycollector\n        image: {} # {}",
            self.image(),
            self.canary()
        );
        if self.chance.below(2) == 0 {
            let _ = writeln!(pod, "        imagePullPolicy: {}", self.canary());
        }
        let _ = writeln!(
            pod,
            "        command: [\"--a={}\"]\n        args:\n        - {}",
            self.canary(),
            self.value(10)
        );
        let _ = writeln!(
            pod,
            "        env:\n        - name: A\n          value: {}",
            self.value(12)
        );
        let _ = writeln!(pod, "        - {{name: B, value: {}}}", self.json());
        let _ = writeln!(
            pod,
            "      - {{env: [{{name: C, value: {}}}], name: realtheorycollector, image: {}, args: [{}]}}",
            self.json(),
            self.image(),
            self.json()
        );
        let _ = writeln!(
            pod,
            "      volumes:\n      - name: v\n        hostPath: {{path: {}}}",
            self.json()
        );
        let json = format!(
            r#"{{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"realtheorycollector","annotations":{{"a":{}}}}},"spec":{{"containers":[{{"name":"realtheorycollector","env":[{{"name":"A","value":{}}}],"image":"realtheory/theory-k8s-collector:v1","args":[{}]}}],"volumes":[{{"name":"v","hostPath":{{"path":{}}}}}]}}}}"#,
            self.json(),
            self.json(),
            self.json(),
            self.json()
        );
        vec![secret, pod, json + "\n"]
    }

    /// A fault somewhere in a text.
    fn break_text(&mut self, text: &str) -> String {
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let at = self.chance.below(lines.len());
        let mut broken: String = lines[..at].concat();
        let line = lines[at].trim_end();
        let indent = line.len() - line.trim_start().len();
        match self.chance.below(11) {
            8 => broken += &format!("{}\n", &line[indent.min(1)..]),
            9 => broken += &format!("{}\n", &line[indent / 2..]),
            10 => broken += &format!(" {line}\n"),
            0 => broken += &format!("{line}: {line}\n"),
            1 => broken += &format!("{line} [\n"),
            2 => broken += &format!("\t{line}\n"),
            3 => broken += &format!("{line}\u{1b}[31m\n"),
            4 => broken += &format!("{line}\n{line}\n"),
            5 => broken += &format!("{line}\"\n"),
            6 => broken += &format!("{line} *none\n"),
            _ => broken += &format!("{}\n", &line[..line.floor_char_boundary(line.len() / 2)]),
        }
        broken + &lines[at + 1..].concat()
    }
}

#[track_caller]
fn assert_silent(what: &str, text: &str, input: &str) {
    if let Some(at) = text.find(CANARY) {
        let line = text[..at].lines().count().saturating_sub(1);
        let line = text.lines().nth(line).unwrap_or_default();
        panic!("{what}: {line}\n~~~ of\n{input}");
    }
}

fn assert_run_silent(what: &str, run: &Run, input: &str, with_stdout: bool) {
    assert!(run.code <= 2, "{what}: {}", run.stderr);
    assert_silent(&format!("{what}, standard error"), &run.stderr, input);
    if with_stdout {
        let stdout = String::from_utf8_lossy(&run.stdout);
        assert_silent(what, &stdout, input);
    }
}

#[test]
fn no_canary_is_printed() {
    let rounds = std::env::var("PROPTEST_CASES").ok();
    let rounds = rounds
        .and_then(|cases| cases.parse().ok())
        .unwrap_or(ROUNDS);
    for round in 1..=rounds {
        let mut maker = Maker {
            chance: Chance(round.wrapping_mul(0x9e37_79b9_7f4a_7c15)),
            canaries: 0,
        };
        let documents = maker.documents();
        let valid = documents.join("---\n");
        for text in [valid.clone(), maker.break_text(&valid)] {
            told_of_files(&text);
            told_of_streams(&text);
        }
        told_of_list(&documents);
        told_of_image(maker.image().trim_matches(['"', '\'']));
    }
}

fn told_of_files(text: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("a.yaml"), text).expect("written");
    for format in report_formats() {
        for args in [
            &["check", "-v"][..],
            &["check", "--color", "always"],
            &["fix", "--diff", "-v"],
        ] {
            let args = [args, &["--format", &format]].concat();
            let is_diff = args.contains(&"--diff");
            let run = run_in_folder(folder.path(), &args, b"");
            assert_run_silent(&args.join(" "), &run, text, !is_diff);
        }
    }
    for args in [
        &["images"][..],
        &["images", "--format", "json"],
        &["images", "--format", "csv"],
        &["images", "--format", "html"],
        &["images", "--format", "skopeo"],
        &["init"],
        &["fix", "-v"],
    ] {
        let run = run_in_folder(folder.path(), args, b"");
        assert_run_silent(&args.join(" "), &run, text, true);
    }
}

fn told_of_streams(text: &str) {
    for args in [&[][..], &["render", "-"], &["fix", "-", "-v"]] {
        assert_run_silent(&args.join(" "), &run(args, text.as_bytes()), text, false);
    }
    assert_run_silent(
        "check -",
        &run(&["check", "-"], text.as_bytes()),
        text,
        true,
    );
}

fn told_of_list(documents: &[String]) {
    let mut list = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n".to_owned();
    for document in documents {
        for (number, line) in document.lines().enumerate() {
            list.push_str(if number == 0 { "- " } else { "  " });
            let _ = writeln!(list, "{line}");
        }
    }
    let run = run(&[], list.as_bytes());
    assert_silent("a ResourceList, standard error", &run.stderr, &list);
    let stdout = String::from_utf8_lossy(&run.stdout);
    if let Some((_, results)) = stdout.split_once("\nresults:\n") {
        assert_silent("results", results, &list);
    }
}

fn told_of_image(image: &str) {
    for args in [
        &["explain", image][..],
        &["explain", "--format", "json", image],
    ] {
        assert_run_silent("explain", &run(args, b""), image, true);
    }
}

/// Where a kustomization looks is somebody's URL, with what opens it.
#[test]
fn where_a_kustomization_looks_is_printed_without_who_looks() {
    const PLACES: [&str; 5] = [
        "https://ci:KanariA@git.example/x?ref=main",
        "https://git.example/x?token=KanariB",
        "https://git.example/x?KanariC",
        "../gone/u:KanariE@x",
        "https://KanariF@git.example/x.yaml",
    ];
    let keys = [
        "resources",
        "components",
        "bases",
        "configurations",
        "crds",
        "transformers",
        "generators",
        "patches",
    ];
    for key in keys {
        let places = PLACES.map(|place| match key {
            "patches" => format!("\n- path: \"{place}\""),
            _ => format!("\n- \"{place}\""),
        });
        let text = format!("{key}:{}\n", places.concat());
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("kustomization.yaml"), &text).expect("written");
        let formats = report_formats();
        let mut commands: Vec<Vec<&str>> = formats
            .iter()
            .map(|format| vec!["check", "-v", "--format", format])
            .collect();
        commands.extend([
            vec!["images"],
            vec!["init"],
            vec!["explain", "kustomization.yaml"],
        ]);
        for command in commands {
            let run = run_in_folder(folder.path(), &command, b"");
            assert_run_silent(&command.join(" "), &run, &text, true);
        }
    }
}

/// kustomize repeats what it cannot follow.
#[test]
fn what_a_program_says_is_printed_without_addresses_and_literals() {
    if crate::support::tool("kustomize").is_none() {
        return;
    }
    for text in [
        "resources: [\"https://u:KanariA@git.invalid/x?ref=main\"]\n",
        "resources: [\"u:KanariB@git.invalid/x\"]\n",
        "resources: [\"https://git.invalid/x?token=KanariC\"]\n",
        "secretGenerator: [{name: s, literals: ['KanariD E']}]\n",
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("kustomization.yaml"), text).expect("written");
        for format in report_formats() {
            let args = ["check", "--rendered", "--format", &format];
            let run = run_in_folder(folder.path(), &args, b"");
            assert_run_silent("check --rendered", &run, text, true);
            assert_ne!(run.code, 0, "{}", run.stderr);
        }
    }
}

/// Prisma Cloud's registry takes its password as a part of an image's path.
#[test]
fn an_access_token_in_a_path_is_not_printed_and_not_copied() {
    const TOKEN: &str = "tw_0123456789abcdefghijklmnopqrstuv";
    let folder = tempfile::tempdir().expect("a folder");
    let text = format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: d}}\nspec:\n  containers:\n  - name: d\n    image: registry-auth.twistlock.com/{TOKEN}/twistlock/defender:defender_30_00_140\n"
    );
    let values = format!("image: registry-auth.twistlock.com/{TOKEN}/a:1\n");
    let config = format!(
        "{}{}",
        "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {name: c}\nspec:\n",
        "  registries:\n  - {source: registry-auth.twistlock.com, mirror: m.example.com/tw, scope: all}\n"
    );
    for (name, text) in [("d.yaml", &text), ("values.yaml", &values)] {
        fs::write(folder.path().join(name), text).expect("written");
    }
    fs::write(folder.path().join("restore-images.yaml"), config).expect("written");
    let image = format!("registry-auth.twistlock.com/{TOKEN}/twistlock/defender:1");
    let mut commands: Vec<Vec<&str>> = vec![
        vec!["images"],
        vec!["images", "--format", "json"],
        vec!["fix", "--diff"],
        vec!["init"],
        vec!["check", "-v"],
        vec!["explain", &image],
        vec!["explain", "d.yaml"],
    ];
    let formats = report_formats();
    commands.extend(
        formats
            .iter()
            .map(|format| vec!["check", "--format", format]),
    );
    for command in commands {
        let run = run_in_folder(folder.path(), &command, b"");
        let stdout = String::from_utf8_lossy(&run.stdout);
        for printed in [&*stdout, &run.stderr] {
            assert!(!printed.contains(&TOKEN[3..]), "{command:?}: {printed}");
        }
    }
    let run = run_in_folder(folder.path(), &["check", "--format", "short"], b"");
    let expected = "d.yaml:7:12: error: Pod d: container d: `registry-auth.twistlock.com/***/twistlock/defender:defender_30_00_140` is not an image reference: its path holds an access token, so it is neither printed nor changed [unresolved-image]\n";
    let stdout = String::from_utf8(run.stdout).expect("UTF-8");
    assert!(stdout.starts_with(expected), "{stdout}");
    run_in_folder(folder.path(), &["fix"], b"");
    let after = fs::read_to_string(folder.path().join("d.yaml")).expect("a text");
    assert_eq!(after, text);
}
