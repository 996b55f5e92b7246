//! `import` and `export`: what other programs say of mirrors, and what they are told.

mod kyverno;
mod left_out;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::support::registries::{Layout, Registry, succeeded};
use crate::support::{assert_text_eq, run, run_in_folder, tool};

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
fn registries_conf_with_all_that_it_can_say() {
    check(
        &[(
            "registries.conf",
            r#"unqualified-search-registries = ["registry.fedoraproject.org", "docker.io"]
short-name-mode = "enforcing"

[[registry]]
prefix = "docker.io"
location = "docker.io"

[[registry.mirror]]
location = "mirror.example.com/hub"

[[registry.mirror]]
location = "10.0.0.1:5000/hub"
insecure = true

[[registry]]
prefix = "docker.io/private"

[[registry]]
prefix = "*.example.org"

[[registry.mirror]]
location = "mirror.example.com/org"

[[registry]]
prefix = "quay.io/team/app:v1"
location = "mirror.example.com/team/app"

[[registry]]
location = "quay.io"
mirror-by-digest-only = true
mirror = [{ location = "mirror.example.com/quay" }]

[[registry]]
location = "quay.io"
mirror = [{ location = "other.example.com/quay" }]

[[registry]]
prefix = "evil.example.net"
blocked = true

[[registry]]
prefix = "ghcr.io"
location = "mirror.example.com/hub"

[[registry]]
prefix = "a.example.com"
location = "b.example.com"

[[registry]]
prefix = "b.example.com"
location = "c.example.com"

[[registry]]
prefix = "lonely.example.com"
location = "lonely.example.com"

[[registry]]
prefix = "tags.example.com"
location = "tags.example.com"

[[registry.mirror]]
location = "mirror.example.com/tags"
pull-from-mirror = "tag-only"

[[registry]]
prefix = "https://scheme.example.com"
location = "mirror.example.com/scheme"
"#,
        )],
        &["registries.conf"],
        &format!(
            "{RULES}  - source: docker.io # registries.conf:5:11
    mirror: mirror.example.com/hub
  - source: docker.io/private # registries.conf:16:11
    mirror: docker.io/private
  - source: quay.io # registries.conf:29:13
    mirror: mirror.example.com/quay
  - source: ghcr.io # registries.conf:42:11
    mirror: mirror.example.com/hub
  - source: a.example.com # registries.conf:46:11
    mirror: b.example.com
  - source: tags.example.com # registries.conf:58:11
    mirror: mirror.example.com/tags
"
        ),
        "\
registries.conf:1:35: names without a registry may come from `registry.fedoraproject.org`, and are taken for docker.io's here
  help: write the registry in each image's name
registries.conf:12:13: `10.0.0.1:5000/hub` is insecure, which no rule says
  help: list its host under `plainHttpRegistries` if it does not speak TLS
registries.conf:12:13: docker.io has 2 mirrors in order, and a rule has one: mirror.example.com/hub is taken, and `10.0.0.1:5000/hub` left out
registries.conf:19:11: `*.example.org` is for many hosts, and a rule is for one: left out
  help: write a rule for each host
registries.conf:25:11: `quay.io/team/app:v1` names a tag, and a rule is for every version of its images: left out
registries.conf:31:25: `mirror.example.com/quay` is for images by digest alone, and a rule is for every image
  help: see what the mirror holds: restore-images mirror status
registries.conf:34:13: quay.io has the mirror mirror.example.com/quay already: left out
registries.conf:38:11: `evil.example.net` is blocked, which no rule can say: left out
registries.conf:42:11: docker.io and ghcr.io have one mirror, mirror.example.com/hub: a runtime may tell it which is meant, and an image's name does not
  help: give each source a path of its own there
registries.conf:50:11: `b.example.com → c.example.com` maps the result of `a.example.com → b.example.com` again: left out
registries.conf:62:13: `mirror.example.com/tags` is for images by tag alone, and a rule is for every image
  help: see what the mirror holds: restore-images mirror status
registries.conf:66:11: `https://scheme.example.com` has a scheme: left out
  help: write `scheme.example.com`
6 rules of 1 file, 12 things that no rule says
",
    );
}

#[test]
fn helpers_for_credentials_are_told() {
    check(
        &[(
            "registries.conf",
            r#"credential-helpers = ["containers-auth.json", "ecr-login"]
[[registry]]
location = "docker.io"
[[registry.mirror]]
location = "mirror.example.com/hub"
"#,
        )],
        &["registries.conf"],
        &format!(
            "{RULES}  - source: docker.io # registries.conf:3:13
    mirror: mirror.example.com/hub
"
        ),
        "\
registries.conf:1:48: credentials come from the helper `ecr-login`, which no rule says
  help: name the secrets of a mirror under `imagePullSecrets` of its rule, unless the nodes find credentials
1 rule of 1 file, 1 thing that no rule says
",
    );
    check(
        &[(
            "registries.conf",
            "credential-helpers = [\"containers-auth.json\"]\n[[registry]]\nlocation = \"docker.io\"\nmirror = [{ location = \"mirror.example.com/hub\" }]\n",
        )],
        &["registries.conf"],
        &format!(
            "{RULES}  - source: docker.io # registries.conf:3:13
    mirror: mirror.example.com/hub
"
        ),
        "1 rule of 1 file\n",
    );
}

#[test]
fn a_later_file_replaces_what_an_earlier_one_says_of_a_prefix() {
    let conf = |mirror: &str| {
        format!("[[registry]]\nlocation = \"docker.io\"\nmirror = [{{location = \"{mirror}\"}}]\n")
    };
    check(
        &[
            ("conf.d/50-b.conf", &conf("b.example.com/hub")),
            ("conf.d/10-a.conf", &conf("a.example.com/hub")),
            ("conf.d/README.md", "no configuration"),
        ],
        &["conf.d"],
        &format!(
            "{RULES}  - source: docker.io # conf.d/50-b.conf:2:13
    mirror: b.example.com/hub
"
        ),
        "1 rule of 2 files\n",
    );
}

#[test]
fn a_drop_in_file_replaces_tables_whole() {
    let main = r#"[[registry]]
prefix = "docker.io"
location = "docker.io"
[[registry.mirror]]
location = "old.example.com/hub"
[[registry.mirror]]
location = "older.example.com/hub"
insecure = true

[[registry]]
prefix = "quay.io"
location = "old.example.com/quay"

[[registry]]
prefix = "ghcr.io"
location = "old.example.com/ghcr"
"#;
    let drop_in = r#"[[registry]]
prefix = "docker.io"
location = "docker.io"
[[registry.mirror]]
location = "new.example.com/hub"

[[registry]]
prefix = "quay.io"
blocked = true
"#;
    check(
        &[
            ("etc/registries.conf", main),
            ("etc/registries.conf.d/50-new.conf", drop_in),
            ("etc/registries.conf.d/README", "no configuration"),
            ("etc/storage.conf", "[storage]\ndriver = \"overlay\"\n"),
        ],
        &["etc"],
        &format!(
            "{RULES}  - source: ghcr.io # etc/registries.conf:15:11
    mirror: old.example.com/ghcr
  - source: docker.io # etc/registries.conf.d/50-new.conf:2:11
    mirror: new.example.com/hub
"
        ),
        "\
etc/registries.conf.d/50-new.conf:8:11: `quay.io` is blocked, which no rule can say: left out
2 rules of 2 files, 1 thing that no rule says
",
    );
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
    let config = "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {name: c}\nspec:\n  registries:\n  - {source: quay.io, mirror: '[fd00::1]:5000/quay', scope: all}\n";
    let (_, text, said) = Folder::of(&[(OWN, config)]).export("itms");
    assert_text_eq(
        &said,
        "export: these mirrors are for images by tag alone: `--to idms` writes those for others\n\
         export: quay.io → [fd00::1]:5000/quay names an IPv6 address, which OpenShift takes from no mirror set: left out\n",
    );
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
            (
                "certs.d/ghcr.io/hosts.toml",
                "server = \"https://tags.example.com\"\ncapabilities = [\"resolve\"]\n[host.\"https://more.example.com\"]\ncapabilities = [\"resolve\", \"push\"]\n",
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
certs.d/ghcr.io/hosts.toml:1:11: `tags.example.com` says what tags mean, and images are pulled from elsewhere: left out
certs.d/ghcr.io/hosts.toml:3:8: `more.example.com` says what tags mean, and images are pulled from elsewhere: left out
certs.d/quay.io/hosts.toml:1:8: `https://mirror.example.com/quay`: its path is not the one that a registry gives to the image's name: left out
certs.d/quay.io/hosts.toml:3:8: `10.0.0.1:5000` is for images by digest alone, and a rule is for every image
  help: see what the mirror holds: restore-images mirror status
certs.d/quay.io/hosts.toml:3:8: `10.0.0.1:5000` has an authority of its own, which no rule says
  help: see that every node, and `mirror status` by --ca-bundle, trusts it
certs.d/quay.io/hosts.toml:3:8: `10.0.0.1:5000` wants a client's certificate, which no rule says
certs.d/quay.io/hosts.toml:9:8: `https://***@mirror.example.com`: it holds a user: left out
3 rules of 6 files, 11 things that no rule says
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

const CONFIG: &str = "\
apiVersion: restore-images.dev/v1alpha1
kind: RestoreImages
metadata: {name: c}
spec:
  plainHttpRegistries: [registry.local:5000]
  registries:
  - {source: docker.io, mirror: 'registry.local:5000/hub', imagePullSecrets: [regcred]}
  - {source: docker.io/realtheory, mirror: docker.io/realtheory}
  - {source: quay.io, mirror: mirror.example.com/quay, scope: all}
";

#[track_caller]
fn exported(to: &str, text: &str, said: &str) {
    let (code, stdout, stderr) = Folder::of(&[(OWN, CONFIG)]).export(to);
    assert_text_eq(&stderr, said);
    assert_eq!(code, 0);
    assert_text_eq(&stdout, text);
}

#[test]
fn rules_for_other_programs() {
    exported(
        "registries.conf",
        r#"[[registry]]
prefix = "docker.io"
location = "docker.io"

[[registry.mirror]]
location = "registry.local:5000/hub"
insecure = true

[[registry]]
prefix = "docker.io/realtheory"
location = "docker.io/realtheory"

[[registry]]
prefix = "quay.io"
location = "quay.io"

[[registry.mirror]]
location = "mirror.example.com/quay"
"#,
        "export: docker.io → registry.local:5000/hub is for agents' images, and there for every image\n\
         export: docker.io → registry.local:5000/hub has pull secrets, and there the node has to know credentials\n",
    );
    exported(
        "idms",
        "\
apiVersion: config.openshift.io/v1
kind: ImageDigestMirrorSet
metadata:
  name: restore-images
spec:
  imageDigestMirrors:
  - source: docker.io
    mirrors:
    - registry.local:5000/hub
  - source: quay.io
    mirrors:
    - mirror.example.com/quay
",
        "export: docker.io → registry.local:5000/hub is for agents' images, and there for every image\n\
         export: docker.io → registry.local:5000/hub has pull secrets, and there the node has to know credentials\n\
         export: these mirrors are for images by digest alone: `--to itms` writes those for others\n\
         export: docker.io/realtheory is exempt, which OpenShift cannot be told\n\
         export: registry.local:5000 does not speak TLS: OpenShift is told in `registrySources.insecureRegistries` of image.config.openshift.io/cluster\n",
    );
    exported(
        "registryAliases",
        r#"{
  "registryAliases": {
    "mirror.example.com/quay": "quay.io",
    "registry.local:5000/hub": "docker.io"
  }
}
"#,
        "",
    );
}

/// A vendor's registry without TLS is one for other programs, too.
#[test]
fn hosts_without_tls_are_told_on_both_sides() {
    let config = "apiVersion: restore-images.dev/v1alpha1
kind: RestoreImages
metadata: {name: c}
spec:
  registries:
  - {source: \"vendor.local:5000\", mirror: mirror.example.com/vendor, scope: all}
  - {source: vendor.local:5000/own, mirror: vendor.local:5000/own}
  plainHttpRegistries: [\"vendor.local:5000\", \"other.local:5000\"]
";
    let folder = Folder::of(&[(OWN, config)]);
    let (_, text, said) = folder.export("registries.conf");
    assert_text_eq(&said, "");
    assert_text_eq(
        &text,
        r#"[[registry]]
prefix = "vendor.local:5000"
location = "vendor.local:5000"
insecure = true

[[registry.mirror]]
location = "mirror.example.com/vendor"

[[registry]]
prefix = "vendor.local:5000/own"
location = "vendor.local:5000/own"
insecure = true
"#,
    );
    let line = "export: vendor.local:5000 does not speak TLS: OpenShift is told in `registrySources.insecureRegistries` of image.config.openshift.io/cluster\n";
    for to in ["idms", "itms"] {
        let (_, _, said) = folder.export(to);
        assert_eq!(said.matches("does not speak TLS").count(), 1, "{said}");
        assert!(said.ends_with(line), "{said}");
    }
    let (_, _, said) = folder.export("registryAliases");
    assert_text_eq(
        &said,
        "export: vendor.local:5000 does not speak TLS: Renovate is told by a `hostRules` entry with `insecureRegistry`\n",
    );
}

/// What is exported to a format says the same when it is read again, as far as the format goes.
#[test]
fn what_was_exported_can_be_imported() {
    for (to, name, rules) in [
        ("registries.conf", "mirrors.conf", 3),
        ("idms", "idms.yaml", 2),
        ("itms", "itms.yaml", 2),
    ] {
        let folder = Folder::of(&[(OWN, CONFIG)]);
        let (_, exported, _) = folder.export(to);
        folder.write(name, &exported);
        let (_, text, _) = folder.import(&[name]);
        assert_eq!(text.matches("- source: ").count(), rules, "{text}");
        for rule in [
            ("docker.io", "registry.local:5000/hub"),
            ("quay.io", "mirror.example.com/quay"),
        ] {
            let (source, mirror) = rule;
            assert!(text.contains(&format!("source: {source} #")), "{text}");
            assert!(text.contains(&format!("mirror: {mirror}\n")), "{text}");
        }
    }
}

/// skopeo pulls by the exported file what the vendor's registry, which is none here, does not have.
#[test]
fn skopeo_follows_what_is_exported() {
    let Some((skopeo, program)) = tool("skopeo").zip(tool("docker-registry")) else {
        return;
    };
    let registry = Registry::start(&program);
    let layout = Layout::new("v1", None);
    let name = format!("{}/hub/acme/agent:v1", registry.host);
    layout.push(&skopeo, &name);
    let config = format!(
        "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {{name: c}}\nspec:\n  plainHttpRegistries: ['{0}']\n  registries:\n  - {{source: vendor.invalid, mirror: '{0}/hub'}}\n",
        registry.host
    );
    let folder = Folder::of(&[("c.yaml", &config), ("nothing.conf", "")]);
    let args = ["export", "--to", "registries.conf", "c.yaml"];
    let (_, exported, _) = folder.run(&args, "");
    folder.write("mirrors.conf", &exported);
    let inspected = |image: &str, conf: &Path| {
        let mut command = Command::new(&skopeo);
        command.arg("--registries-conf").arg(conf);
        let command = command.args(["inspect", "--raw"]);
        command
            .arg(format!("docker://{image}"))
            .output()
            .expect("skopeo runs")
    };
    let image = "vendor.invalid/acme/agent:v1";
    succeeded(&inspected(image, &folder.path("mirrors.conf")));
    let without = inspected(image, &folder.path("nothing.conf"));
    assert!(!without.status.success());
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

#[test]
fn what_is_exported_of_nothing_is_told() {
    let folder = Folder::of(&[(".git/HEAD", "")]);
    let (code, stdout, said) = folder.export("idms");
    assert_eq!((code, stdout.len()), (2, 0));
    assert_text_eq(
        &said,
        "no configuration is here\nhelp: name it, or go to the folder of restore-images.yaml; `restore-images init` proposes one\n",
    );
    let config = "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {name: c}\nspec: {}\n";
    folder.write(OWN, config);
    let (code, _, said) = folder.export("idms");
    assert_eq!(code, 0, "{said}");
    assert_text_eq(
        &said,
        "export: the configuration has no rules under `registries`\n",
    );
}

/// The patterns that the CRDs of both mirror sets have for sources and mirrors, in words of our own: a
/// host name with dots or without, a port, and path segments in lower case.
#[test]
fn mirror_sets_are_what_the_crds_take() {
    let host = "[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?";
    let segment = "[a-z0-9]+((\\.|_|__|-*)[a-z0-9]+)*";
    let repository = format!("^{host}(\\.{host})*(:[0-9]+)?(/{segment})*$");
    let entry = serde_json::json!({
        "type": "object", "additionalProperties": false, "required": ["source"],
        "properties": {
            "source": {"type": "string", "pattern": repository},
            "mirrors": {"type": "array", "uniqueItems": true,
                "items": {"type": "string", "pattern": repository}},
            "mirrorSourcePolicy": {"enum": ["NeverContactSource", "AllowContactingSource"]},
        }
    });
    for (to, kind, key) in [
        ("idms", "ImageDigestMirrorSet", "imageDigestMirrors"),
        ("itms", "ImageTagMirrorSet", "imageTagMirrors"),
    ] {
        let schema = serde_json::json!({
            "type": "object", "additionalProperties": false,
            "required": ["apiVersion", "kind", "metadata", "spec"],
            "properties": {
                "apiVersion": {"const": "config.openshift.io/v1"}, "kind": {"const": kind},
                "metadata": {"type": "object", "required": ["name"]},
                "spec": {"type": "object", "additionalProperties": false,
                    "properties": {key: {"type": "array", "items": entry}}},
            }
        });
        let validator = jsonschema::validator_for(&schema).expect("a schema");
        let (_, exported, _) = Folder::of(&[(OWN, CONFIG)]).export(to);
        let object: serde_json::Value = serde_yaml::from_str(&exported).expect("YAML");
        assert!(validator.is_valid(&object), "{object:#}");
        assert_eq!(object["spec"][key].as_array().map(Vec::len), Some(2));
    }
}

/// Where the imported rules send an image; as the program of the format does, or nowhere.
#[track_caller]
fn leads(name: &str, text: &str, vectors: &[(&str, &str)]) {
    let folder = Folder::of(&[(name, text)]);
    let (_, made, _) = folder.import(&[name]);
    let rules: String = made
        .lines()
        .map(|line| match line.starts_with("    mirror: ") {
            true => format!("{line}\n    scope: all\n"),
            false => format!("{line}\n"),
        })
        .collect();
    folder.write("made.yaml", &rules);
    for (image, expected) in vectors {
        let pod = format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec: {{containers: [{{name: c, image: \"{image}\"}}]}}\n"
        );
        let (_, output, _) = folder.run(&["made.yaml"], &pod);
        let expected = format!("image: \"{expected}\"");
        assert!(output.contains(&expected), "{name}: {image}: {output}");
    }
}

/// Cases that the formats' own tests ask, in names of our own.
#[test]
fn images_go_where_the_formats_send_them() {
    let digest = format!("@sha256:{}", "ab".repeat(32));
    let pinned = format!("plain.example.com/ns/app{digest}");
    let pinned_there = format!("m.example.com/ns/app{digest}");
    leads(
        "registries.conf",
        r#"[[registry]]
prefix = "plain.example.com"
location = "m.example.com"

[[registry]]
prefix = "plain.example.com/deep/er"
location = "m.example.com/deepest"

[[registry]]
prefix = "ports.example.com:5000"
location = "m.example.com/ports"

[[registry]]
prefix = "docker.io/library/one"
location = "m.example.com/one"

[[registry]]
location = "same.example.com/ns"
[[registry.mirror]]
location = "m.example.com/same"
"#,
        &[
            ("plain.example.com/ns/app:v1", "m.example.com/ns/app:v1"),
            (&pinned, &pinned_there),
            ("plain.example.com/deep/app", "m.example.com/deep/app"),
            ("plain.example.com/deep/er/app", "m.example.com/deepest/app"),
            (
                "plain.example.com/deep/erx/app",
                "m.example.com/deep/erx/app",
            ),
            ("ports.example.com:5000/app", "m.example.com/ports/app"),
            ("ports.example.com/app", "ports.example.com/app"),
            ("one:1", "m.example.com/one:1"),
            ("same.example.com/ns/app", "m.example.com/same/app"),
            ("same.example.com/nsx/app", "same.example.com/nsx/app"),
            ("sub.plain.example.com/app", "sub.plain.example.com/app"),
        ],
    );
    leads(
        "registries.yaml",
        "mirrors:\n  docker.io:\n    endpoint: ['https://m.example.com']\n    rewrite: {'^library/(.*)': 'hub/$1', '(.*)': 'rest/$1'}\n",
        &[
            ("nginx", "m.example.com/hub/nginx"),
            ("acme/app:v1", "m.example.com/rest/acme/app:v1"),
            ("quay.io/acme/app", "quay.io/acme/app"),
        ],
    );
    leads(
        "idms.yaml",
        "apiVersion: config.openshift.io/v1\nkind: ImageDigestMirrorSet\nmetadata: {name: a}\nspec:\n  imageDigestMirrors:\n  - {source: a.example.com/x, mirrors: [m.example.com/x]}\n  - {source: a.example.com/x/y, mirrors: [m.example.com/y]}\n",
        &[
            ("a.example.com/x/app", "m.example.com/x/app"),
            ("a.example.com/x/y/app", "m.example.com/y/app"),
            ("a.example.com/xy/app", "a.example.com/xy/app"),
        ],
    );
}
