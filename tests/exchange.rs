//! `import` and `export`: what other programs say of mirrors, and what they are told.

mod export;
mod hosts;
mod kyverno;
mod leads;
mod left_out;
mod registries_conf;

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use crate::support::{assert_text_eq, run, run_in_folder};

/// What `import` prints before the settings.
const HEAD: &str = "\
# Made by `restore-images import`: read it, then run `restore-images check`.
apiVersion: restore-images.dev/v1alpha1
kind: RestoreImages
metadata:
  name: collectors
  annotations:
    config.kubernetes.io/local-config: \"true\"
spec:
";

/// What it prints before the rules.
const RULES: &str =
    "  # These are for the images of agents; with `scope: all`, a rule is for every image.
  registries:
";

/// A folder of files, in which the program runs.
struct Folder(TempDir);

impl Folder {
    /// A folder with these files, each with its text.
    fn of(files: &[(&str, &str)]) -> Self {
        let folder = Folder(tempfile::tempdir().expect("a folder"));
        for (name, text) in files {
            folder.write(name, text);
        }
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("written");
    }

    /// Runs the program: the exit code, and both outputs.
    fn run(&self, args: &[&str], stdin: &str) -> (i32, String, String) {
        let run = run_in_folder(self.0.path(), args, stdin.as_bytes());
        let stdout = String::from_utf8(run.stdout).expect("UTF-8");
        (run.code, stdout, run.stderr)
    }

    fn import(&self, files: &[&str]) -> (i32, String, String) {
        self.run(&[&["import"], files].concat(), "")
    }

    fn export(&self, to: &str) -> (i32, String, String) {
        self.run(&["export", "--to", to], "")
    }
}

/// The name of the file that `export` finds by itself.
const OWN: &str = "restore-images.yaml";

/// Imports files, with their texts, and compares both outputs; the configuration has to be one that
/// the program follows.
#[track_caller]
fn check(files: &[(&str, &str)], given: &[&str], settings: &str, said: &str) {
    let folder = Folder::of(files);
    let (code, stdout, stderr) = folder.import(given);
    assert_text_eq(&stderr, said);
    assert_text_eq(&stdout, &format!("{HEAD}{settings}"));
    let is_all_said = !said.contains("no rule says\n");
    assert_eq!(code, i32::from(!is_all_said), "{said}");
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: nginx}]}\n";
    folder.write("made.yaml", &stdout);
    let (code, _, stderr) = folder.run(&["made.yaml"], pod);
    assert_eq!(code, 0, "{stderr}");
}

#[test]
fn mirror_sets_of_openshift() {
    check(
        &[(
            "idms.yaml",
            "\
apiVersion: v1
kind: List
items:
- apiVersion: config.openshift.io/v1
  kind: ImageDigestMirrorSet
  metadata: {name: a}
  spec:
    imageDigestMirrors:
    - source: quay.io/team
      mirrors: [mirror.example.com/team, quay.io/team]
      mirrorSourcePolicy: NeverContactSource
    - source: ghcr.io
      mirrors: [ghcr.io]
- apiVersion: config.openshift.io/v1
  kind: ImageTagMirrorSet
  metadata: {name: a}
  spec:
    imageTagMirrors:
    - source: quay.io/team
      mirrors: [mirror.example.com/team]
- apiVersion: operator.openshift.io/v1alpha1
  kind: ImageContentSourcePolicy
  metadata: {name: b}
  spec:
    repositoryDigestMirrors:
    - source: '*.example.net'
      mirrors: [mirror.example.com/net]
    - source: registry.example.net
      mirrors: [a.example.com/net, b.example.com/net]
",
        )],
        &["idms.yaml"],
        &format!(
            "{RULES}  - source: quay.io/team # idms.yaml:9:15
    mirror: mirror.example.com/team
  - source: registry.example.net # idms.yaml:28:15
    mirror: a.example.com/net
"
        ),
        "\
idms.yaml:9:7: these mirrors are for images by digest alone, and a rule is for every image
  help: see what the mirror holds: restore-images mirror status
idms.yaml:19:7: these mirrors are for images by tag alone, and a rule is for every image
  help: see what the mirror holds: restore-images mirror status
idms.yaml:26:7: these mirrors are for images by digest alone, and a rule is for every image
  help: see what the mirror holds: restore-images mirror status
idms.yaml:26:16: `*.example.net` is for many hosts, and a rule is for one: left out
  help: write a rule for each host
idms.yaml:29:36: registry.example.net has 2 mirrors in order, and a rule has one: a.example.com/net is taken, and `b.example.com/net` left out
2 rules of 1 file, 5 things that no rule says
",
    );
}

#[test]
fn aliases_of_renovate_in_both_directions() {
    check(
        &[(
            "renovate.json",
            r#"{
  "registryAliases": {
    "mirror.example.com/hub": "docker.io",
    "quay.io": "mirror.example.com/quay",
    "stable": "https://charts.example.com",
    "corp": "registry.example.com"
  },
  "kubernetes": {"registryAliases": {"mirror.example.com/ghcr": "ghcr.io"}},
  "packageRules": [
    {"matchPackageNames": ["acme/**"], "registryAliases": {"mirror.example.com/acme": "quay.io/acme"}},
    {"enabled": false, "kubernetes": {"registryAliases": {}}},
    {"matchManagers": ["helmv3"], "registryAliases": {"a": "https://charts.example.com"}}
  ],
  "force": {"helm-values": {"registryAliases": {"mirror.example.com/nvcr": "nvcr.io"}}}
}
"#,
        )],
        &["renovate.json"],
        &format!(
            "{RULES}  - source: docker.io # renovate.json:3:32
    mirror: mirror.example.com/hub
  - source: quay.io # renovate.json:4:6
    mirror: mirror.example.com/quay
  - source: ghcr.io # renovate.json:8:66
    mirror: mirror.example.com/ghcr
  - source: nvcr.io # renovate.json:14:77
    mirror: mirror.example.com/nvcr
"
        ),
        "\
renovate.json:5:6: `stable` is a repository of charts: left out
renovate.json:6:6: which of `corp` and `registry.example.com` is the mirror is not known: left out
  help: write the rule by hand
renovate.json:10:59: these aliases are for what `packageRules` picks, and a rule is for every image of its source: left out
  help: write the rules by hand, with `scope` or longer sources for what is meant
renovate.json:12:54: these aliases are for what `packageRules` picks, and a rule is for every image of its source: left out
  help: write the rules by hand, with `scope` or longer sources for what is meant
4 rules of 1 file, 4 things that no rule says
",
    );
}

#[test]
fn what_several_formats_say_is_one_configuration() {
    check(
        &[
            (
                "k3s.yaml",
                "mirrors:\n  docker.io: {endpoint: [https://a.example.com]}\n",
            ),
            (
                "renovate.json",
                "{\"registryAliases\": {\"a.example.com\": \"docker.io\", \"b.example.com/quay\": \"quay.io\"}}\n",
            ),
        ],
        &["k3s.yaml", "renovate.json"],
        &format!(
            "{RULES}  - source: docker.io # k3s.yaml:2:3
    mirror: a.example.com
  - source: quay.io # renovate.json:1:75
    mirror: b.example.com/quay
"
        ),
        "2 rules of 2 files\n",
    );
}

#[test]
fn what_cannot_be_read_is_refused_with_its_place() {
    let refused = |name: &str, text: &str| {
        let (code, stdout, stderr) = Folder::of(&[(name, text)]).import(&[name]);
        assert_eq!((code, stdout.len()), (2, 0), "{name}");
        stderr
    };
    assert_text_eq(
        &refused(
            "a.conf",
            "[registries.search]\nregistries = ['docker.io']\n",
        ),
        "a.conf:1:2: this is version 1 of registries.conf\nhelp: write it in version 2: a table [[registry]] for each registry\n",
    );
    let fault = refused("b.conf", "[[registry]]\nprefix = docker.io\n");
    assert!(fault.starts_with("b.conf:2:10: not TOML: "), "{fault}");
    assert_text_eq(
        &refused("c.yaml", "kind: ConfigMap\ndata: {password: hunter2}\n"),
        "c.yaml:1:1: says nothing of mirrors that is known here\nhelp: give registries.conf, a folder of hosts.toml files, ImageDigestMirrorSets and their like, k3s' registries.yaml, policies of Kyverno, or Renovate's configuration as JSON without comments\n",
    );
}

#[test]
fn a_program_may_hand_its_objects_over() {
    let objects = "apiVersion: config.openshift.io/v1\nkind: ImageTagMirrorSet\nmetadata: {name: a}\nspec: {imageTagMirrors: []}\n";
    let import = run(&["import", "-"], objects.as_bytes());
    assert_eq!(import.code, 0, "{}", import.stderr);
    assert_text_eq(&import.stderr, "0 rules of 1 file\n");
    let stdout = String::from_utf8(import.stdout).expect("UTF-8");
    assert_text_eq(&stdout, &format!("{HEAD}  registries: []\n"));
}

/// Neither a file's name nor what it holds gets into the rules, or to a terminal, as it is.
#[test]
fn the_name_of_a_file_makes_no_rule() {
    let name = "50-x\n    mirror: evil.example.net\n  - source: ghcr.io # \u{1b}[31m.conf";
    let text = "[[registry]]\nprefix = \"quay.io\"\nlocation = \"m.example.com/quay\"\n";
    let (_, out, said) = Folder::of(&[(name, text)]).import(&["."]);
    assert_eq!(
        out.lines().filter(|line| line.contains("source: ")).count(),
        1,
        "{out}"
    );
    assert!(!out.contains('\u{1b}') && !said.contains('\u{1b}'), "{out}");
}

#[test]
fn what_says_nothing_of_mirrors_is_told() {
    for (name, text) in [
        ("empty.conf", ""),
        ("other.conf", "[plugins]\nname = 1\n"),
        ("other.yaml", "registryAliases: [a]\n"),
    ] {
        let (code, _, said) = Folder::of(&[(name, text)]).import(&[name]);
        assert_eq!(code, 2, "{said}");
        let says = format!("{name}:1:1: says nothing of mirrors\n");
        assert!(said.contains(&says), "{said}");
    }
}

#[test]
fn a_token_in_a_url_is_not_repeated() {
    let text = "[[registry]]\nprefix = \"quay.io\"\nlocation = \"m.example.com/q?token=hunter2\"\n";
    let (code, _, said) = Folder::of(&[("a.conf", text)]).import(&["a.conf"]);
    assert_eq!(code, 1, "{said}");
    assert!(!said.contains("hunter2"), "{said}");
}

#[test]
fn an_alias_for_two_sources_is_told() {
    let config = "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {name: c}\nspec:\n  registries:\n  - {source: ghcr.io, mirror: m.example.com/x}\n  - {source: quay.io, mirror: m.example.com/x}\n";
    let (_, _, said) = Folder::of(&[(OWN, config)]).export("registryAliases");
    let says = "m.example.com/x is the mirror of ghcr.io and of quay.io, and an alias is for one: quay.io is left out";
    assert!(said.contains(says), "{said}");
}
