//! The same of a real registry, over HTTP and over TLS.

use std::fs;

use super::WHOLE;
use super::pair::{MORE, NEW, OLD, Pair};
use crate::support::registries::{Layout, Registry, certificate};
use crate::support::tool;

/// The manifests of a pair run the image of these registries instead.
pub(super) fn lead_to(pair: &mut Pair, vendor: &str, mirror: &str, plain_http: &[&str]) {
    let config = format!(
        "apiVersion: restore-images.dev/v1alpha1
kind: RestoreImages
metadata: {{name: collectors}}
spec:
  agents: [{{name: agent, images: [{{image: \"{vendor}/acme/agent\", tag: floating}}]}}]
  registries: [{{source: \"{vendor}\", mirror: \"{mirror}/copies\"}}]
  plainHttpRegistries: {plain_http:?}
"
    );
    fs::write(pair.folder.path().join("restore-images.yaml"), config).expect("written");
    pair.uses(&format!("{mirror}/copies/acme/agent"));
    pair.words = [(vendor, "VENDOR"), (mirror, "MIRROR")]
        .map(|(host, word)| (host.to_owned(), word.to_owned()))
        .to_vec();
}

#[test]
fn a_real_registry_gives_the_same_states() {
    if let Some(program) = tool("docker-registry") {
        states_are_the_same(|| Registry::start(&program));
    }
}

#[test]
fn the_registry_of_another_implementation_gives_the_same_states() {
    if let Some(crane) = tool("crane") {
        states_are_the_same(|| Registry::start_of_crane(&crane));
    }
}

fn states_are_the_same(start: impl Fn() -> Registry) {
    let Some(skopeo) = tool("skopeo") else { return };
    let (vendor, mirror) = (start(), start());
    let mut pair = Pair::new();
    lead_to(
        &mut pair,
        &vendor.host,
        &mirror.host,
        &[&vendor.host, &mirror.host],
    );
    let (old, new) = (Layout::new("old", Some(OLD)), Layout::new("new", Some(NEW)));
    let published = format!("{}/acme/agent:latest", vendor.host);
    let copied = format!("{}/copies/acme/agent:latest", mirror.host);
    let line = "MIRROR/copies/acme/agent:latest";
    new.push(&skopeo, &published);
    let help = "\n  help: run the job that copies to the mirror";
    pair.check(
        &[],
        &format!("{line}: missing: the mirror does not have `latest`{help}\n1 image on mirrors, 1 missing{MORE}\nexit 1\n"),
    );
    old.push(&skopeo, &copied);
    let said = pair.said(&pair.run(&[]));
    assert!(
        said.starts_with(&format!("{line}: behind: the mirror's `latest` was made 23 days before the vendor's, on 2026-11-01 and 2026-11-24: sha256:")),
        "{said}"
    );
    new.push_as(
        &skopeo,
        &copied,
        &["--preserve-digests", "--override-arch=arm64"],
    );
    pair.check(
        &[],
        &format!("{line}: partial: the mirror lacks linux/amd64{WHOLE}\n1 image on mirrors, 1 partial{MORE}\nexit 1\n"),
    );
    new.push(&skopeo, &copied);
    pair.check(
        &[],
        &format!("1 image on mirrors, 1 current{MORE}\nexit 0\n"),
    );
    pair.check(&["--deep"], "1 image on mirrors, 1 current\nexit 0\n");
}

#[test]
fn an_authority_that_nobody_knows_is_trusted_where_it_is_given() {
    let tools = (tool("skopeo"), tool("docker-registry"), tool("openssl"));
    let (Some(skopeo), Some(program), Some(openssl)) = tools else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    certificate(&openssl, folder.path());
    let path = |name: &str| folder.path().join(name);
    let (certificate, key) = (path("certificate.pem"), path("key.pem"));
    let vendor = Registry::start(&program);
    let mirror = Registry::start_with(&program, Some((&certificate, &key)));
    let mut pair = Pair::new();
    lead_to(&mut pair, &vendor.host, &mirror.host, &[&vendor.host]);
    let new = Layout::new("new", Some(NEW));
    new.push(&skopeo, &format!("{}/acme/agent:latest", vendor.host));
    new.push(
        &skopeo,
        &format!("{}/copies/acme/agent:latest", mirror.host),
    );
    pair.check(
        &[],
        &format!("MIRROR/copies/acme/agent:latest: unknown: MIRROR: TLS: its certificate is not trusted, or it does not speak TLS\n  help: give the certificate of its authority by --ca-bundle; a host without TLS is listed under `plainHttpRegistries` in the configuration\n1 image on mirrors, 1 unknown{MORE}\nexit 2\n"),
    );
    let bundle = certificate.to_str().expect("a path");
    let current = format!("1 image on mirrors, 1 current{MORE}\nexit 0\n");
    pair.check(&["--ca-bundle", bundle], &current);
    let run = pair.run_with(&[], |command| {
        command.env("SSL_CERT_FILE", &certificate);
    });
    assert_eq!(pair.said(&run), current);
    let key = key.to_str().expect("a path");
    let run = pair.run(&["--ca-bundle", key]);
    assert_eq!(
        run.stderr,
        format!("{key}: holds no certificate\nhelp: give certificates as PEM\n")
    );
    assert_eq!(run.code, 2);
}
