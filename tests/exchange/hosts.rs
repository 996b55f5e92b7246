//! Files of containerd and k3s: `hosts.toml` and `registries.yaml`.

use super::{RULES, check};

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
certs.d/docker.io/hosts.toml:7:8: the certificate of `a-later.example.com` is not checked, which no rule can express
certs.d/docker.io/hosts.toml:7:8: `a-later.example.com` gets headers, which no rule can express
certs.d/docker.io/hosts.toml:7:8: docker.io has 2 mirrors in order, and a rule has one: mirror.example.com/hub is taken, and `a-later.example.com` left out
certs.d/ghcr.io/hosts.toml:1:11: `tags.example.com` says what tags mean, and images are pulled from elsewhere: left out
certs.d/ghcr.io/hosts.toml:3:8: `more.example.com` says what tags mean, and images are pulled from elsewhere: left out
certs.d/quay.io/hosts.toml:1:8: `https://mirror.example.com/quay`: its path is not the one that a registry gives to the image's name: left out
certs.d/quay.io/hosts.toml:3:8: `10.0.0.1:5000` is for images by digest alone, and a rule is for every image
  help: see what the mirror holds: restore-images mirror status
certs.d/quay.io/hosts.toml:3:8: `10.0.0.1:5000` has an authority of its own, which no rule can express
  help: see that every node, and `mirror status` by --ca-bundle, trusts it
certs.d/quay.io/hosts.toml:3:8: `10.0.0.1:5000` wants a client's certificate, which no rule can express
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
registries.yaml:8:8: the rewrite `^(bitnami|library)/(.*)$` is an expression that no rule can express: left out
registries.yaml:13:4: `*` is for many hosts, and a rule is for one: left out
  help: write a rule for each host
registries.yaml:17:4: the credentials of `mirror.example.com:5000` are not taken over
  help: make a Secret of them, and name it by `imagePullSecrets`
registries.yaml:17:4: how `mirror.example.com:5000` is trusted is set on the node, and no rule can express it
4 rules of 1 file, 4 things that no rule says
",
    );
}
