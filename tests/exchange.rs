//! `import` and `export`: what other programs say of mirrors, and what they are told.

mod exported;
mod followed;
mod objects;
mod registries_conf;

use std::fs;

use crate::support::{assert_text_eq, folder_of, run, run_in_folder};

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

/// Imports files, with their texts, and compares both outputs; the configuration has to be one that
/// the program follows.
#[track_caller]
fn check(files: &[(&str, &str)], given: &[&str], settings: &str, said: &str) {
    let folder = folder_of(files);
    let import = run_in_folder(folder.path(), &[&["import"], given].concat(), b"");
    assert_text_eq(&import.stderr, said);
    let stdout = String::from_utf8(import.stdout).expect("UTF-8");
    assert_text_eq(&stdout, &format!("{HEAD}{settings}"));
    let is_all_said = !said.contains("no rule says\n");
    assert_eq!(import.code, i32::from(!is_all_said), "{said}");
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: nginx}]}\n";
    fs::write(folder.path().join("made.yaml"), stdout).expect("written");
    let followed = run_in_folder(folder.path(), &["made.yaml"], pod.as_bytes());
    assert_eq!(followed.code, 0, "{}", followed.stderr);
}

#[test]
fn hosts_by_their_ipv6_addresses() {
    check(
        &[
            (
                "certs.d/[fd00::5]_5000_/hosts.toml",
                "[host.\"http://[fd00::1]:5000\"]\n",
            ),
            (
                "mirrors.conf",
                "[[registry]]\nprefix = \"quay.io\"\nlocation = \"[fd00::1]:5000/quay\"\n",
            ),
            (
                "k3s.yaml",
                "mirrors:\n  \"[fd00::7]:5000\": {endpoint: [\"https://[fd00::1]:5001\"]}\n",
            ),
        ],
        &["certs.d", "mirrors.conf", "k3s.yaml"],
        &format!(
            "  plainHttpRegistries: [\"[fd00::1]:5000\"]
{RULES}  - source: \"[fd00::5]:5000\" # certs.d/[fd00::5]_5000_/hosts.toml:1:8
    mirror: \"[fd00::1]:5000\"
  - source: quay.io # mirrors.conf:2:11
    mirror: \"[fd00::1]:5000/quay\"
  - source: \"[fd00::7]:5000\" # k3s.yaml:2:4
    mirror: \"[fd00::1]:5001\"
"
        ),
        "3 rules of 3 files\n",
    );
    let folder = tempfile::tempdir().expect("a folder");
    let config = "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {name: c}\nspec:\n  registries:\n  - {source: quay.io, mirror: '[fd00::1]:5000/quay', scope: all}\n";
    fs::write(folder.path().join("restore-images.yaml"), config).expect("written");
    let export = run_in_folder(folder.path(), &["export", "--to", "itms"], b"");
    assert_text_eq(
        &export.stderr,
        "export: these mirrors are for images by tag alone: `--to idms` writes those for others\n\
         export: quay.io → [fd00::1]:5000/quay names an IPv6 address, which OpenShift takes from no mirror set: left out\n",
    );
    let text = String::from_utf8(export.stdout).expect("UTF-8");
    assert!(text.ends_with("  imageTagMirrors: []\n"), "{text}");
}

#[test]
fn folders_of_hosts_toml() {
    check(
        &[
            (
                "certs.d/docker.io/hosts.toml",
                r#"server = "https://registry-1.docker.io"

[host."https://mirror.example.com/v2/hub"]
  capabilities = ["pull", "resolve"]
  override_path = true

[host."https://a-later.example.com"]
  skip_verify = true
  [host."https://a-later.example.com".header]
    authorization = "Bearer hunter2"
"#,
            ),
            (
                "certs.d/quay.io/hosts.toml",
                r#"[host."https://mirror.example.com/quay"]
  capabilities = ["pull"]
[host."http://10.0.0.1:5000"]
  capabilities = ["pull"]
  ca = "/etc/ssl/own.pem"
  client = [["/etc/ssl/client.pem", "/etc/ssl/client.key"]]
[host."https://push.example.com"]
  capabilities = ["push"]
[host."https://me:hunter2@mirror.example.com"]
"#,
            ),
            (
                "certs.d/registry.example.com_5000_/hosts.toml",
                "server = \"https://other.example.com\"\n",
            ),
            (
                "certs.d/registry.example.com:6000/hosts.toml",
                "server = \"https://registry.example.com:6000\"\n",
            ),
            (
                "certs.d/_default/hosts.toml",
                "server = \"https://all.example.com\"\n",
            ),
        ],
        &["certs.d"],
        &format!(
            "  plainHttpRegistries: [\"10.0.0.1:5000\"]
{RULES}  - source: docker.io # certs.d/docker.io/hosts.toml:3:8
    mirror: mirror.example.com/hub
  - source: quay.io # certs.d/quay.io/hosts.toml:3:8
    mirror: \"10.0.0.1:5000\"
  - source: registry.example.com:5000 # certs.d/registry.example.com_5000_/hosts.toml:1:11
    mirror: other.example.com
"
        ),
        "\
certs.d/_default/hosts.toml:1:1: `_default` is for every registry that has no folder, and a rule is for one: left out
  help: write a rule for each registry
certs.d/docker.io/hosts.toml:7:8: the certificate of `a-later.example.com` is not checked, which no rule says
certs.d/docker.io/hosts.toml:7:8: `a-later.example.com` gets headers, which no rule says
certs.d/docker.io/hosts.toml:7:8: docker.io has 2 mirrors in order, and a rule has one: mirror.example.com/hub is taken, and `a-later.example.com` left out
certs.d/quay.io/hosts.toml:1:8: `https://mirror.example.com/quay`: its path is not the one that a registry gives to the image's name: left out
certs.d/quay.io/hosts.toml:3:8: `10.0.0.1:5000` is for images by digest alone, and a rule is for every image
  help: see what the mirror holds: restore-images mirror status
certs.d/quay.io/hosts.toml:3:8: `10.0.0.1:5000` has an authority of its own, which no rule says
  help: see that every node, and `mirror status` by --ca-bundle, trusts it
certs.d/quay.io/hosts.toml:3:8: `10.0.0.1:5000` wants a client's certificate, which no rule says
certs.d/quay.io/hosts.toml:9:8: `https://***@mirror.example.com`: it holds a user: left out
3 rules of 5 files, 9 things that no rule says
",
    );
}

#[test]
fn mirrors_of_k3s_with_paths_that_are_rewritten() {
    check(
        &[(
            "registries.yaml",
            r#"mirrors:
  docker.io:
    endpoint:
    - "https://mirror.example.com:5000"
    rewrite:
      "^rancher/(.*)": "hub/rancher/$1"
      "^library/busybox$": "hub/busybox"
      "^(bitnami|library)/(.*)$": "x/$2"
  ghcr.io:
    endpoint: ["http://mirror.example.com:5001/v2/proxy"]
    rewrite:
      "(.*)": "ghcr/$1"
  "*":
    endpoint: ["https://all.example.com"]
  quay.io:
configs:
  "mirror.example.com:5000":
    auth: {username: me, password: hunter2}
    tls: {insecure_skip_verify: true}
"#,
        )],
        &["registries.yaml"],
        &format!(
            "  plainHttpRegistries: [mirror.example.com:5001]
{RULES}  - source: docker.io/rancher # registries.yaml:6:8
    mirror: mirror.example.com:5000/hub/rancher
  - source: docker.io/library/busybox # registries.yaml:7:8
    mirror: mirror.example.com:5000/hub/busybox
  - source: docker.io # registries.yaml:2:3
    mirror: mirror.example.com:5000
  - source: ghcr.io # registries.yaml:12:8
    mirror: mirror.example.com:5001/proxy/ghcr
"
        ),
        "\
registries.yaml:8:8: the rewrite `^(bitnami|library)/(.*)$` is an expression that no rule can say: left out
registries.yaml:13:4: `*` is for many hosts, and a rule is for one: left out
  help: write a rule for each host
registries.yaml:17:4: the credentials of `mirror.example.com:5000` are not taken over
  help: make a Secret of them, and name it by `imagePullSecrets`
registries.yaml:17:4: how `mirror.example.com:5000` is trusted is the node's to know, and no rule says it
4 rules of 1 file, 4 things that no rule says
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
  "kubernetes": {"registryAliases": {"mirror.example.com/ghcr": "ghcr.io"}}
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
"
        ),
        "\
renovate.json:5:6: `stable` is a repository of charts: left out
renovate.json:6:6: which of `corp` and `registry.example.com` is the mirror is not known: left out
  help: write the rule by hand
3 rules of 1 file, 2 things that no rule says
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
    let folder = tempfile::tempdir().expect("a folder");
    let refused = |name: &str, text: &str| {
        fs::write(folder.path().join(name), text).expect("written");
        let import = run_in_folder(folder.path(), &["import", name], b"");
        assert_eq!((import.code, import.stdout.len()), (2, 0), "{name}");
        import.stderr
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
        "c.yaml:1:1: says nothing of mirrors that is known here\nhelp: give registries.conf, a folder of hosts.toml files, ImageDigestMirrorSets and their like, k3s' registries.yaml, policies of Kyverno, or Renovate's configuration\n",
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
    let folder = tempfile::tempdir().expect("a folder");
    let name = "50-x\n    mirror: evil.example.net\n  - source: ghcr.io # \u{1b}[31m.conf";
    let text = "[[registry]]\nprefix = \"quay.io\"\nlocation = \"m.example.com/quay\"\n";
    fs::write(folder.path().join(name), text).expect("written");
    let import = run_in_folder(folder.path(), &["import", "."], b"");
    let out = String::from_utf8(import.stdout).expect("UTF-8");
    assert_eq!(
        out.lines().filter(|line| line.contains("source: ")).count(),
        1,
        "{out}"
    );
    assert!(
        !out.contains('\u{1b}') && !import.stderr.contains('\u{1b}'),
        "{out}"
    );
}

#[test]
fn what_says_nothing_of_mirrors_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in [
        ("empty.conf", ""),
        ("other.conf", "[plugins]\nname = 1\n"),
        ("other.yaml", "registryAliases: [a]\n"),
    ] {
        fs::write(folder.path().join(name), text).expect("written");
        let import = run_in_folder(folder.path(), &["import", name], b"");
        assert_eq!(import.code, 2, "{}", import.stderr);
        let says = format!("{name}:1:1: says nothing of mirrors\n");
        assert!(import.stderr.contains(&says), "{}", import.stderr);
    }
}

#[test]
fn a_token_in_a_url_is_not_repeated() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = "[[registry]]\nprefix = \"quay.io\"\nlocation = \"m.example.com/q?token=hunter2\"\n";
    fs::write(folder.path().join("a.conf"), text).expect("written");
    let import = run_in_folder(folder.path(), &["import", "a.conf"], b"");
    assert_eq!(import.code, 1, "{}", import.stderr);
    assert!(!import.stderr.contains("hunter2"), "{}", import.stderr);
}

#[test]
fn an_alias_for_two_sources_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {name: c}\nspec:\n  registries:\n  - {source: ghcr.io, mirror: m.example.com/x}\n  - {source: quay.io, mirror: m.example.com/x}\n";
    fs::write(folder.path().join("restore-images.yaml"), config).expect("written");
    let export = run_in_folder(folder.path(), &["export", "--to", "registryAliases"], b"");
    let says = "m.example.com/x is the mirror of ghcr.io and of quay.io, and an alias is for one: quay.io is left out";
    assert!(export.stderr.contains(says), "{}", export.stderr);
}
