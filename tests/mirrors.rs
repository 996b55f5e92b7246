//! Real manifests to mirrors and back: every built-in profile is named, and every registry that
//! the manifests name has a rule.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use restore_images::agent;
use restore_images::config::Date;
use restore_images::function;
use restore_images::image::Reference;
use restore_images::restore::Request;
use restore_images::yaml::place::place;

use crate::corpus;
use crate::support::{Run, run_in_folder, shared};

/// Every registry of the manifests and of the profiles.
const HOSTS: &[&str] = &[
    "docker.io",
    "quay.io",
    "ghcr.io",
    "registry.k8s.io",
    "gcr.io",
    "eu.gcr.io",
    "asia.gcr.io",
    "gke.gcr.io",
    "us-docker.pkg.dev",
    "us-central1-docker.pkg.dev",
    "public.ecr.aws",
    "mcr.microsoft.com",
    "datadoghq.azurecr.io",
    "wizio.azurecr.io",
    "wizfedramp.azurecr.us",
    "icr.io",
    "cgr.dev",
    "nvcr.io",
    "docker.elastic.co",
    "registry.datadoghq.com",
    "containers.instana.io",
];

/// The path below the mirror begins with the registry's own name, so nothing is lost on the way.
const MIRROR: &str = "mirror.example.com";

const NO_RULES: &[(String, String)] = &[];

fn there() -> Vec<(String, String)> {
    let mirrored = |host: &&str| ((*host).to_owned(), format!("{MIRROR}/{host}"));
    HOSTS.iter().map(mirrored).collect()
}

fn back() -> Vec<(String, String)> {
    there()
        .into_iter()
        .map(|(host, mirror)| (mirror, host))
        .collect()
}

/// Every registry mirrored for every image, lists of images included.
pub(crate) fn configuration() -> String {
    let rules = there().into_iter().map(|(source, mirror)| {
        format!("  - {{source: {source}, mirror: {mirror}, scope: all}}\n")
    });
    let rules: String = rules.collect();
    format!(
        "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {{name: c}}\nspec:\n  imageLists: restore\n  imagePullSecrets: [mirror]\n  registries:\n{rules}"
    )
}

/// A configuration, and a folder that holds it.
struct Config(tempfile::TempDir);

impl Config {
    fn new(agents: &str, rules: &[(String, String)], secrets: &str) -> Self {
        let rules = rules.iter().map(|(source, mirror)| {
            format!("  - {{source: {source}, mirror: {mirror}, scope: all}}\n")
        });
        let rules: String = rules.collect();
        let registries = if rules.is_empty() {
            String::new()
        } else {
            format!("  registries:\n{rules}")
        };
        let text = format!(
            "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {{name: c}}\nspec:\n  imageLists: report\n  agents: [{agents}]\n  imagePullSecrets: [{secrets}]\n{registries}"
        );
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("c.yaml"), text).expect("written");
        Config(folder)
    }

    /// With every built-in profile.
    fn full(rules: &[(String, String)], secrets: &str) -> Self {
        let names: Vec<&str> = agent::builtin_names().collect();
        assert!(names.len() >= 15);
        Config::new(&names.join(", "), rules, secrets)
    }

    /// With one agent that runs nowhere, so that the rules do all the work.
    fn of_rules_alone(rules: &[(String, String)]) -> Self {
        let nobody = "{name: nobody, images: [{image: registry.invalid/nobody/nothing, tag: keep, imagePullPolicy: keep}]}";
        Config::new(nobody, rules, "")
    }

    #[track_caller]
    fn run(&self, file: &Path, text: &str) -> Run {
        let run = run_in_folder(self.0.path(), &["c.yaml"], text.as_bytes());
        assert_eq!(run.code, 0, "{}: {}", file.display(), run.stderr);
        run
    }

    #[track_caller]
    fn output(&self, file: &Path, text: &str) -> String {
        output(&self.run(file, text))
    }
}

fn output(run: &Run) -> String {
    String::from_utf8(run.stdout.clone()).expect("UTF-8")
}

/// The manifests with their text; none where the corpus is absent.
fn manifests() -> Vec<(PathBuf, String)> {
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).expect("a manifest");
        (path, text)
    };
    corpus::manifests().into_iter().map(read).collect()
}

/// A finding that changes a value, or puts one in.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Planned {
    line: usize,
    rule: String,
    old: String,
    new: String,
}

/// The rules whose findings carry an edit.
const EDITING: &[&str] = &[
    "wrong-registry",
    "pinned-tag",
    "pinned-digest",
    "wrong-version",
    "stale-revision",
    "wrong-pull-policy",
    "missing-pull-secret",
];

/// What the findings plan, from messages such as `… OLD → NEW`: all of them, of which standard error
/// shows a few.
fn planned(config: &Config, text: &str) -> BTreeSet<Planned> {
    let config = fs::read_to_string(config.0.path().join("c.yaml")).expect("the configuration");
    let request = Request {
        input: text,
        config: Some(&config),
        today: Date::from_unix_days(20_000),
    };
    let findings = function::run(&request).expect("manifests").findings;
    let editing = findings
        .iter()
        .filter(|finding| EDITING.contains(&finding.rule.id()));
    editing
        .map(|finding| {
            let (before, new) = finding.message.rsplit_once(" → ").expect("old → new");
            let span = finding.span.as_ref().expect("a place in the text");
            Planned {
                line: place(text, span.start).line,
                rule: finding.rule.id().to_owned(),
                old: before.rsplit(' ').next().expect("a word").to_owned(),
                new: new.to_owned(),
            }
        })
        .collect()
}

/// The text with each planned value in the place of the old one; what is put in is not there.
#[track_caller]
fn edited(text: &str, planned: &BTreeSet<Planned>) -> String {
    let mut edits: BTreeMap<usize, BTreeSet<(&str, &str)>> = BTreeMap::new();
    for each in planned {
        if each.rule != "missing-pull-secret" && each.old != "(missing)" {
            let edits = edits.entry(each.line).or_default();
            edits.insert((&each.old, &each.new));
        }
    }
    let lines = text.split_inclusive('\n').enumerate();
    lines
        .map(|(index, line)| {
            let mut line = line.to_owned();
            for (old, new) in edits.get(&(index + 1)).into_iter().flatten() {
                let new = line.replacen(old, new, 1);
                assert_ne!(new, line, "{old} is not in line {}", index + 1);
                line = new;
            }
            line
        })
        .collect()
}

/// How many lines were put in, by what they hold; every other line must be as expected.
#[track_caller]
fn put_in(file: &Path, expected: &str, actual: &str) -> BTreeMap<&'static str, usize> {
    let mut count = BTreeMap::new();
    let mut expected_lines = expected.lines().peekable();
    for line in actual.lines() {
        if expected_lines.peek() == Some(&line) {
            expected_lines.next();
            continue;
        }
        let written = line.trim().trim_start_matches("- ");
        let what = match written {
            "imagePullSecrets:" => "list",
            "name: mirror-secret" => "secret",
            "imagePullPolicy: Always" => "policy",
            "imagePullSecrets: [{name: mirror-secret}]" => {
                let empty = expected_lines.next().map(str::trim);
                assert_eq!(empty, Some("imagePullSecrets: []"), "{}", file.display());
                "secret"
            }
            _ => panic!(
                "{}: {line:?} in the place of {:?}",
                file.display(),
                expected_lines.peek()
            ),
        };
        *count.entry(what).or_default() += 1;
    }
    assert_eq!(expected_lines.next(), None, "{}", file.display());
    count
}

/// Each line that differs is that of a finding, and differs as the finding says; each line that
/// was put in is a pull policy, a pull secret or the key of a list of them, one for each finding.
/// A second run changes nothing.
#[test]
fn only_planned_lines_differ() {
    let config = Config::full(&there(), "mirror-secret");
    let mut changed = 0;
    for (file, text) in manifests() {
        let run = config.run(&file, &text);
        let mirrored = output(&run);
        let planned = planned(&config, &text);
        let count = put_in(&file, &edited(&text, &planned), &mirrored);
        let of = |what: &str| count.get(what).copied().unwrap_or_default();
        let findings =
            |filter: &dyn Fn(&Planned) -> bool| planned.iter().filter(|each| filter(each)).count();
        let secrets = findings(&|each| each.rule == "missing-pull-secret");
        let policies = findings(&|each| each.old == "(missing)");
        assert_eq!(of("secret"), secrets, "{}", file.display());
        assert_eq!(of("policy"), policies, "{}", file.display());
        assert!(of("list") <= secrets, "{}", file.display());
        changed += planned.len();
        let again = config.run(&file, &mirrored);
        assert!(output(&again) == mirrored, "{}", file.display());
        assert!(
            again.stderr.lines().all(|line| !line.contains(": info: ")),
            "{}: {}",
            file.display(),
            again.stderr
        );
    }
    assert!(changed > 200 || shared("corpus").is_none(), "{changed}");
}

/// The text with each name written in full where it lost its registry: `busybox` is
/// `docker.io/library/busybox` when it comes back, since nothing says how short it was.
fn in_full(text: &str, planned: BTreeSet<Planned>) -> String {
    // A setting that holds a registry has a host alone, which no image is named by.
    let is_host = |text: &str| text.contains('.') && !text.contains(['/', ':', '@']);
    let planned = planned.into_iter();
    let mut planned: Vec<Planned> = planned.filter(|each| !is_host(&each.old)).collect();
    for each in &mut planned {
        let reference = Reference::parse(&each.old).expect("a reference");
        let rest = &each.old[reference.name().len()..];
        each.new = format!("{}{rest}", reference.repository());
    }
    planned.retain(|each| each.old != each.new);
    edited(text, &planned.into_iter().collect())
}

/// The rules with source and mirror swapped bring every byte back, with one exception: a name
/// that was written without its registry comes back with it.
#[test]
fn swapped_rules_bring_every_name_back() {
    let (there, back) = (
        Config::of_rules_alone(&there()),
        Config::of_rules_alone(&back()),
    );
    let mut unchanged = 0;
    for (file, text) in manifests() {
        let run = there.run(&file, &text);
        let planned = planned(&there, &text);
        let expected = in_full(&text, planned);
        unchanged += usize::from(expected == text);
        let came_back = back.output(&file, &output(&run));
        assert!(came_back == expected, "{}", file.display());
    }
    // The files in which every name is written in full.
    assert!(
        unchanged == 0 || unchanged >= 20,
        "{unchanged} files came back to their own bytes"
    );
}

/// The same where the profiles put tags and policies right, too: it does not matter whether they
/// do so before, on the way to the mirrors, or both.
///
/// One name comes back as short as it was: RealTheory's, whose profile knows the collector by the
/// names of its container and workload, and so how its vendor writes it.
#[test]
fn profiles_and_rules_do_not_get_in_each_others_way() {
    let alone = Config::full(NO_RULES, "");
    let (there, back) = (Config::full(&there(), ""), Config::full(&back(), ""));
    for (file, text) in manifests() {
        let restored = alone.output(&file, &text);
        let run = there.run(&file, &restored);
        let mirrored = output(&run);
        assert!(
            there.output(&file, &text) == mirrored,
            "{} goes elsewhere when it is restored first",
            file.display()
        );
        let expected = in_full(&restored, planned(&there, &restored))
            .replace("docker.io/realtheory/", "realtheory/");
        let came_back = back.output(&file, &mirrored);
        assert!(came_back == expected, "{}", file.display());
    }
}

/// Images that only a rule can bring back, since no profile in play claims them on a host that no
/// rule names.
const STAY: &[&str] = &[
    // Of projects without a profile.
    "busybox",
    "debian",
    "docker.io/weaveworks/scope",
    "gcr.io/cloud-sql-connectors/cloud-sql-proxy",
    "us-central1-docker.pkg.dev/kame-457417/kame-house-images/portfolio",
    "weaveworks/scope",
    // Shared, and its pod and release hold no image of the agent's own.
    "quay.io/sustainable_computing_io/kepler",
];

/// Names that come back otherwise than they went.
const OTHERWISE: &[(&str, &str)] = &[
    // As the vendor writes it.
    (
        "docker.io/newrelic/nrdot-collector-k8s",
        "newrelic/nrdot-collector-k8s",
    ),
    // As the vendor's chart writes them; its manifests leave the host out.
    ("neuvector/enforcer", "docker.io/neuvector/enforcer"),
    ("neuvector/scanner", "docker.io/neuvector/scanner"),
    ("neuvector/updater", "docker.io/neuvector/updater"),
];

/// Without any rule, what the profiles claim comes back to its own bytes, with the exceptions
/// listed above, each of which occurs.
#[test]
fn profiles_alone_bring_their_own_images_back() {
    let (there, alone) = (Config::full(&there(), ""), Config::full(NO_RULES, ""));
    let manifests = manifests();
    if manifests.is_empty() {
        return;
    }
    let mut found = BTreeSet::new();
    for (file, text) in manifests {
        let restored = alone.output(&file, &text);
        let came_back = alone.output(&file, &there.output(&file, &restored));
        assert_eq!(restored.lines().count(), came_back.lines().count());
        for (old, new) in restored.lines().zip(came_back.lines()) {
            if old != new {
                found.insert((name_in(old), name_in(new)));
            }
        }
    }
    let stay = STAY.iter().map(|name| {
        let reference = Reference::parse(name).expect("a reference");
        (
            (*name).to_owned(),
            format!("{MIRROR}/{}", reference.repository()),
        )
    });
    let otherwise = OTHERWISE
        .iter()
        .map(|(old, new)| ((*old).to_owned(), (*new).to_owned()));
    let expected: BTreeSet<(String, String)> = stay.chain(otherwise).collect();
    assert_eq!(found, expected);
}

/// The name of the image in a line of a manifest.
fn name_in(line: &str) -> String {
    let image = line.split_once("image: ");
    // A setting that holds a registry.
    let (_, image) = image.or(line.split_once("value: ")).expect("an image");
    let image = image.split(" #").next().expect("a value");
    let reference = Reference::parse(image.trim().trim_matches(['"', '\''])).expect("a reference");
    reference.name().to_owned()
}
