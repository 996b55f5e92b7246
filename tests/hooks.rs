//! How others call the commands: pre-commit's hooks and the GitHub Action, as their files say.

use std::fs;
use std::path::Path;
use std::process::Command;

use restore_images::yaml::{Node, parse};

use crate::support::{assert_text_eq, binary, copy_of, engine, files, tool};

fn own(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).expect("a text")
}

fn text<'n>(node: &'n Node<'_>, key: &str) -> &'n str {
    let value = node.get(key).expect("readable").expect(key);
    value.scalar().expect("text")
}

#[test]
fn the_hooks_of_pre_commit_find_and_restore() {
    let hooks = own(".pre-commit-hooks.yaml");
    let hooks = parse::document(&hooks).expect("YAML");
    let folder = copy_of("tests/cases/fix-in-place/in");
    let codes: Vec<(&str, i32)> = [0, 1, 0]
        .into_iter()
        .map(|index| {
            let hook = &hooks.items().expect("hooks")[index];
            assert_eq!(text(hook, "language"), "rust");
            assert_eq!(text(hook, "pass_filenames"), "false");
            let mut words = text(hook, "entry").split(' ');
            let program = words.next().expect("a program");
            assert_eq!(program, "restore-images");
            let own = Path::new(binary());
            let run = engine(own, folder.path(), &words.collect::<Vec<_>>(), &[]);
            (text(hook, "id"), run.code)
        })
        .collect();
    assert_eq!(
        codes,
        [
            ("restore-images-check", 1),
            ("restore-images-fix", 0),
            ("restore-images-check", 0)
        ]
    );
    let after = Path::new("tests/cases/fix-in-place/after");
    assert_eq!(files(folder.path()), files(after));
}

/// The snippet of the guide as it stands there, run as pre-commit runs it: by the shell's words, in the
/// repository's root, without names of files.
#[test]
fn the_local_hook_of_the_guide_finds() {
    let guide = own("docs/ci.md");
    let (_, section) = guide.split_once("\n## pre-commit\n").expect("the section");
    let (_, snippet) = section.split_once("```yaml\n").expect("a snippet");
    let (snippet, _) = snippet.split_once("```").expect("its end");
    let snippet = parse::document(snippet).expect("YAML");
    let repository = first(&snippet, "repos");
    assert_eq!(text(repository, "repo"), "local");
    let hook = first(repository, "hooks");
    assert_eq!(text(hook, "language"), "system");
    assert_eq!(text(hook, "pass_filenames"), "false");
    let mut words = text(hook, "entry").split(' ');
    assert_eq!(words.next(), Some("restore-images"));
    let words: Vec<&str> = words.collect();
    let folder = copy_of("tests/cases/fix-in-place/in");
    let own = Path::new(binary());
    let found = engine(own, folder.path(), &words, &[]);
    assert_eq!(found.code, 1, "{}", found.stderr);
    assert_eq!(engine(own, folder.path(), &["fix"], &[]).code, 0);
    assert_eq!(engine(own, folder.path(), &words, &[]).code, 0);
}

/// The first entry of a list.
fn first<'n, 's>(node: &'n Node<'s>, key: &str) -> &'n Node<'s> {
    let list = node.get(key).expect("readable").expect(key);
    &list.items().expect("a list")[0]
}

/// Runs the action's last step as a runner does.
#[track_caller]
fn action(bash: &Path, folder: &Path, inputs: &[(&str, &str)]) -> (i32, String, String) {
    action_with(bash, folder, inputs, None)
}

/// As [`action`], with the file that a runner has for the page of the run.
#[track_caller]
fn action_with(
    bash: &Path,
    folder: &Path,
    inputs: &[(&str, &str)],
    page: Option<&Path>,
) -> (i32, String, String) {
    let action = own("action.yml");
    let action = parse::document(&action).expect("YAML");
    let steps = action.get("runs").expect("readable").expect("runs");
    let steps = steps.get("steps").expect("readable").expect("steps");
    let step = steps.items().expect("steps").last().expect("a step");
    let known = action.get("inputs").expect("readable").expect("inputs");
    let environment = step.get("env").expect("readable").expect("env");
    let mut command = Command::new(bash);
    for entry in environment.entries().expect("pairs") {
        let name = entry.key.scalar().expect("a name");
        let input = entry.value.scalar().expect("an expression");
        let input = input
            .strip_prefix("${{ inputs.")
            .and_then(|input| input.strip_suffix(" }}"));
        let input = input.expect("an input");
        let default = known
            .get(input)
            .expect("readable")
            .expect("a declared input");
        let given = inputs.iter().find(|(known, _)| *known == input);
        command.env(
            name,
            given.map_or_else(|| text(default, "default"), |(_, value)| value),
        );
    }
    let program = Path::new(binary());
    match page {
        Some(page) => command.env("GITHUB_STEP_SUMMARY", page),
        None => command.env_remove("GITHUB_STEP_SUMMARY"),
    };
    let mut path = std::ffi::OsString::from(program.parent().expect("a folder"));
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    // The flags of a step whose shell is bash.
    let flags = [
        "--noprofile",
        "--norc",
        "-eo",
        "pipefail",
        "-c",
        text(step, "run"),
    ];
    let output = command
        .args(flags)
        .env("PATH", path)
        .current_dir(folder)
        .output();
    let output = output.expect("bash runs");
    (
        output.status.code().expect("a code"),
        String::from_utf8(output.stdout).expect("UTF-8"),
        String::from_utf8(output.stderr).expect("UTF-8"),
    )
}

#[test]
fn the_action_annotates_the_lines() {
    let Some(bash) = tool("bash") else { return };
    let folder = copy_of("tests/cases/fix-in-place/in");
    let (code, shown, stderr) = action(&bash, folder.path(), &[]);
    assert_text_eq(
        &stderr,
        "configuration: restore-images.yaml\n2 errors in 1 of 2 files, 2 images read\n",
    );
    assert_text_eq(
        &shown,
        "::error file=apps/collector.yaml,line=11,col=16,endLine=11,endColumn=58,title=pinned-tag::Deployment monitoring/realtheorycollector: container realtheorycollector: tag v1.3.11836 keeps the agent from upgrading itself: realtheory/theory-k8s-collector:v1.3.11836 → realtheory/theory-k8s-collector\n\
         ::error file=apps/collector.yaml,line=12,col=26,endLine=12,endColumn=38,title=wrong-pull-policy::Deployment monitoring/realtheorycollector: container realtheorycollector: imagePullPolicy IfNotPresent → Always\n",
    );
    assert_eq!(code, 1);
}

/// The page of the run has all findings, with what to write; annotations are cut by GitHub.
#[test]
fn the_action_writes_the_page_of_the_run() {
    let Some(bash) = tool("bash") else { return };
    let folder = copy_of("tests/cases/fix-in-place/in");
    let page = folder.path().join("page.md");
    let (code, ..) = action_with(&bash, folder.path(), &[("fail-on", "warning")], Some(&page));
    assert_eq!(code, 1);
    let page = fs::read_to_string(page).expect("a page");
    assert!(
        page.starts_with("### restore-images: 2 errors in 1 of 2 files"),
        "{page}"
    );
    assert!(page.contains("```diff"), "{page}");
}

#[test]
fn the_actions_inputs_are_no_commands() {
    let Some(bash) = tool("bash") else { return };
    let folder = copy_of("tests/cases/fix-in-place/in");
    let hostile = "$(touch hostile)\n; touch hostile\n--format";
    let (code, shown, _) = action(&bash, folder.path(), &[("paths", hostile)]);
    assert_eq!((code, shown.as_str()), (2, ""));
    assert!(!folder.path().join("hostile").exists());
    let inputs = [
        ("paths", "apps/good.yaml\nrestore-images.yaml"),
        ("config", "restore-images.yaml"),
        ("format", "json"),
        ("output", "report.json"),
    ];
    let (code, shown, stderr) = action(&bash, folder.path(), &inputs);
    assert_eq!((code, shown.as_str(), stderr.as_str()), (0, "", ""));
    let report = fs::read_to_string(folder.path().join("report.json")).expect("a report");
    assert!(report.contains("\"clean\": 1"), "{report}");
}
