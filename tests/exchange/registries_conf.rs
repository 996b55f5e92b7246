//! `registries.conf` of podman, CRI-O and skopeo, and its drop-in files.

use super::{Folder, OWN, RULES, check};
use crate::support::assert_text_eq;

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
registries.conf:12:13: `10.0.0.1:5000/hub` is insecure, which no rule can express
  help: list its host under `plainHttpRegistries` if it does not speak TLS
registries.conf:12:13: docker.io has 2 mirrors in order, and a rule has one: mirror.example.com/hub is taken, and `10.0.0.1:5000/hub` left out
registries.conf:19:11: `*.example.org` is for many hosts, and a rule is for one: left out
  help: write a rule for each host
registries.conf:25:11: `quay.io/team/app:v1` names a tag, and a rule is for every version of its images: left out
registries.conf:31:25: `mirror.example.com/quay` is for images by digest alone, and a rule is for every image
  help: see what the mirror holds: restore-images mirror status
registries.conf:34:13: quay.io has the mirror mirror.example.com/quay already: left out
registries.conf:38:11: `evil.example.net` is blocked, which no rule can express: left out
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
registries.conf:1:48: credentials come from the helper `ecr-login`, which no rule can express
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
etc/registries.conf.d/50-new.conf:8:11: `quay.io` is blocked, which no rule can express: left out
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
