//! What is read as other programs read it, and what is left out of a file, and said.

use super::{Folder, HEAD, RULES, check};
use crate::support::assert_text_eq;

/// podman, skopeo and CRI-O take no notice of slashes at the end.
#[test]
fn slashes_at_the_end_are_not_counted() {
    check(
        &[(
            "registries.conf",
            "[[registry]]
prefix = \"docker.io/acme/\"
location = \"mirror.example.com/acme//\"

[[registry]]
location = \"quay.io/\"
[[registry.mirror]]
location = \"mirror.example.com/quay/\"

[[registry]]
prefix = \"\"
location = \"ghcr.io\"
[[registry.mirror]]
location = \"mirror.example.com/ghcr\"
",
        )],
        &["registries.conf"],
        &format!(
            "{RULES}  - source: docker.io/acme # registries.conf:2:11
    mirror: mirror.example.com/acme
  - source: quay.io # registries.conf:6:13
    mirror: mirror.example.com/quay
  - source: ghcr.io # registries.conf:12:13
    mirror: mirror.example.com/ghcr
"
        ),
        "3 rules of 1 file\n",
    );
}

#[test]
fn settings_of_k3s_that_are_not_read_are_told() {
    check(
        &[(
            "registries.yaml",
            "mirrors:
  docker.io:
    endpoint: [\"https://m.example.com\", {a: b}]
    rewrite: [x]
  ghcr.io:
    rewrite: {\"(.*)\": \"ghcr/$1\"}
  gcr.io:
    endpoint: \"https://m.example.com\"
  quay.io:
    endpoints: [\"https://m.example.com\"]
  registry.k8s.io: [\"https://m.example.com\"]
  public.ecr.aws: {}
configs: [x]
",
        )],
        &["registries.yaml"],
        &format!(
            "{RULES}  - source: docker.io # registries.yaml:2:3
    mirror: m.example.com
"
        ),
        "\
registries.yaml:3:41: `endpoint` is a mapping, not a list of URLs: left out
registries.yaml:4:14: `rewrite` is a list, not a mapping: left out
registries.yaml:5:3: the paths of `ghcr.io` are rewritten, and it has no endpoint: left out
registries.yaml:8:15: `endpoint` is text, not a list: left out
registries.yaml:10:5: `endpoints` is no setting of a mirror: left out
registries.yaml:11:20: `registry.k8s.io` is a list, not a mapping: left out
registries.yaml:13:10: `configs` is a list, not a mapping: left out
1 rule of 1 file, 7 things that no rule says
",
    );
}

/// TLS is loosened for no host that no rule names.
#[test]
fn a_host_that_is_left_out_is_not_listed() {
    check(
        &[(
            "docker.io/hosts.toml",
            "[host.\"https://m.example.com\"]\n[host.\"http://10.0.0.1:5000\"]\n",
        )],
        &["docker.io"],
        &format!(
            "{RULES}  - source: docker.io # docker.io/hosts.toml:1:8
    mirror: m.example.com
"
        ),
        "\
docker.io/hosts.toml:2:8: docker.io has 2 mirrors in order, and a rule has one: m.example.com is taken, and `10.0.0.1:5000` left out
1 rule of 1 file, 1 thing that no rule says
",
    );
}

#[test]
fn registries_conf_may_come_by_standard_input() {
    let text =
        "[[registry]]\nlocation = \"docker.io\"\nmirror = [{location = \"m.example.com\"}]\n";
    let (code, stdout, stderr) = Folder::of(&[]).run(&["import", "-"], text);
    let rule = "  - source: docker.io # stdin:2:13\n    mirror: m.example.com\n";
    assert_text_eq(&stdout, &format!("{HEAD}{RULES}{rule}"));
    assert_eq!((code, stderr.as_str()), (0, "1 rule of 1 file\n"));
}
