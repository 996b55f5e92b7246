//! Charts that nobody knows: what their values leave open, and which image it comes to.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::{check, config, release, restored, write_files};
use crate::support::{assert_text_eq, run_in_folder, tool};

const RULES: &str = "registries:
- {source: quay.io, mirror: m.example.com/quay, scope: all}
- {source: docker.io, mirror: m.example.com/hub, scope: all}
";

/// What is said of a change of a chart's values, as one line for each.
fn unknown(values: &str, after: &str, told: &str) {
    let told: String = told
        .lines()
        .map(|line| format!("{}\n", line.replacen(": ", ": HelmRelease n/r: ", 1)))
        .collect();
    check(
        &config(RULES),
        &release("{chart: c}", values),
        &release("{chart: c}", after),
        &told,
    );
}

/// A name without a host under `image`, beside the other parts of its image, is one as under `repository`.
#[test]
fn a_name_under_image_beside_a_tag_may_get_a_registry() {
    for (values, name) in [
        (
            "controller: {image: {image: ingress-nginx/controller-chroot, tag: v1.10.0, digest: ''}}\n",
            "ingress-nginx/controller-chroot:v1.10.0 → m.example.com/hub/ingress-nginx/controller-chroot",
        ),
        (
            "x: {image: acme/l, tag: v1, registry: ''}\n",
            "acme/l:v1 → m.example.com/hub/acme/l",
        ),
        (
            "image: {image: acme/l}\n",
            "acme/l → m.example.com/hub/acme/l",
        ),
        (
            "sysctl: {image: busybox, imageTag: '1'}\n",
            "busybox:1 → m.example.com/hub/library/busybox",
        ),
    ] {
        let told = format!(
            "warning: {name} is not written: the chart may put a registry of its own before it: write the registry, too [unresolved-image]\n"
        );
        unknown(values, values, &told);
    }
    unknown(
        "image: {image: quay.io/acme/l, tag: v1}\n",
        "image: {image: m.example.com/quay/acme/l, tag: v1}\n",
        "info: wrong registry or path: quay.io/acme/l → m.example.com/quay/acme/l [wrong-registry]\n",
    );
}

/// A text without a host is a whole image where it has its version, which is told; where it has none, the chart
/// may have a registry elsewhere as it has the tag. A container is written as pods have it.
#[test]
fn a_text_without_a_host_is_whole_with_its_version() {
    for (values, name) in [
        (
            "worker: {image: acme/worker, imageTag: v2}\n",
            "acme/worker → m.example.com/hub/acme/worker",
        ),
        (
            "sidecarImage: acme/side\n",
            "acme/side → m.example.com/hub/acme/side",
        ),
    ] {
        let told = format!(
            "warning: {name} is not written: the chart may put a registry of its own before it: write the registry in the text [unresolved-image]\n"
        );
        unknown(values, values, &told);
    }
    let told = |name: &str| {
        format!(
            "info: wrong registry or path, if the chart takes the text whole: {name} [wrong-registry]\n"
        )
    };
    unknown(
        "image: acme/web:v1\n",
        "image: m.example.com/hub/acme/web:v1\n",
        &told("acme/web:v1 → m.example.com/hub/acme/web:v1"),
    );
    unknown(
        "image: nginx:1\n",
        "image: m.example.com/hub/library/nginx:1\n",
        &told("nginx:1 → m.example.com/hub/library/nginx:1"),
    );
    for name in ["", ":v1"] {
        for (values, is_told) in [
            ("sidecars: [{name: x, image: acme/x}]\n", false),
            ("initContainers: {x: {image: acme/x}}\n", true),
            ("extraContainers: [{name: x, image: acme/x}]\n", false),
            ("pods: [{name: x, image: acme/x}]\n", true),
        ] {
            let values = values.replace("acme/x", &format!("acme/x{name}"));
            let new = format!("acme/x{name} → m.example.com/hub/acme/x{name}");
            let what = "wrong registry or path";
            match (is_told, name) {
                (true, "") => continue,
                (true, _) => unknown(
                    &values,
                    &values.replace("acme/x", "m.example.com/hub/acme/x"),
                    &told(&new),
                ),
                _ => unknown(
                    &values,
                    &values.replace("acme/x", "m.example.com/hub/acme/x"),
                    &format!("info: {what}: {new} [wrong-registry]\n"),
                ),
            }
        }
    }
    unknown(
        "image: docker.io/acme/worker\nextraContainers: [{name: x, image: acme/x}]\n",
        "image: m.example.com/hub/acme/worker\nextraContainers: [{name: x, image: m.example.com/hub/acme/x}]\n",
        "info: wrong registry or path: acme/x → m.example.com/hub/acme/x [wrong-registry]
info: wrong registry or path: docker.io/acme/worker → m.example.com/hub/acme/worker [wrong-registry]
",
    );
}

/// What is not read may say a registry.
#[test]
fn a_text_without_a_host_waits_for_all_values() {
    let input = release("{chart: c}", "image: acme/web:v1\n").replace(
        "  values:",
        "  valuesFrom: [{kind: Secret, name: v}]\n  values:",
    );
    let told = "warning: HelmRelease n/r: acme/web:v1 → m.example.com/hub/acme/web is not written: a part of it may be in values that were not read (Secret v): write its name in values that win over these, or look at what is rendered [unresolved-image]\n";
    check(&config(RULES), &input, &input, told);
}

/// A host at another key around a text may be put before it, as what is called a registry may.
#[test]
fn a_host_around_a_text_may_be_its_registry() {
    for (path, around) in [
        ("repository", "repository: quay.io/acme"),
        ("registryHost", "registryHost: quay.io"),
        ("imagePrefix", "imagePrefix: quay.io"),
        ("imageRepo", "imageRepo: quay.io"),
        ("registry.host", "registry: {host: quay.io}"),
        ("global.registry.url", "global: {registry: {url: quay.io}}"),
        ("global.imagePrefix", "global: {imagePrefix: quay.io/}"),
    ] {
        let values = format!("{around}\nimage: acme/l:v1\n");
        let told = format!(
            "warning: acme/l:v1 → m.example.com/hub/acme/l is not written: the chart may put {path} before it: set that to a mirror, or write the registry here [unresolved-image]\n"
        );
        unknown(&values, &values, &told);
    }
    for around in [
        "gitRepo: github.com/acme/x",
        "chartRepository: charts.example.com",
        "host: web.example.com",
        "reportingHost: web.example.com",
        "backgroundImage: assets/login:v1",
        "osImage: images/ubuntu-20.04",
    ] {
        let values = format!("{around}\nimage: quay.io/acme/l:v1\nside: {{image: acme/s:v1}}\n");
        let after = values.replace("quay.io/", "m.example.com/quay/");
        unknown(
            &values,
            &after.replace("acme/s", "m.example.com/hub/acme/s"),
            "info: wrong registry or path: quay.io/acme/l:v1 → m.example.com/quay/acme/l:v1 [wrong-registry]
info: wrong registry or path, if the chart takes the text whole: acme/s:v1 → m.example.com/hub/acme/s:v1 [wrong-registry]
",
        );
    }
}

/// A repository with a host of its own beside a registry: a chart that runs reads one of the two.
#[test]
fn a_host_in_the_repository_beside_a_registry() {
    let values = "image: {registry: docker.io, repository: quay.io/acme/web, tag: v1}\n";
    let why = "the chart may read its repository alone, which has a host of its own: take that out, or the registry [unresolved-image]\n";
    unknown(
        values,
        values,
        &format!(
            "warning: docker.io/quay.io/acme/web:v1 → m.example.com/hub/quay.io/acme/web is not written: {why}"
        ),
    );
    let values = "image: {registry: other.example.com, repository: quay.io/acme/web, tag: v1}\n";
    unknown(
        values,
        values,
        &format!("warning: other.example.com/quay.io/acme/web:v1 may be another image: {why}"),
    );
    let values = "image: {registry: m.example.com/hub, repository: quay.io/acme/web, tag: v1}\n";
    unknown(
        values,
        values,
        &format!("warning: m.example.com/hub/quay.io/acme/web:v1 may be another image: {why}"),
    );
    // A mirror may keep hosts as folders: those of rules, and others.
    let folders = RULES.replace("m.example.com/quay", "m.example.com/hub/quay.io");
    let other = "image: {registry: m.example.com/hub, repository: gcr.io/acme/web, tag: v1}\n";
    for (rules, values) in [(folders.as_str(), values), (RULES, other)] {
        let input = release("{chart: c}", values);
        check(&config(rules), &input, &input, "");
    }
}

/// A container is one whatever is around it, and a name of one word elsewhere counts as not read.
#[test]
fn names_of_one_word() {
    let moved = |name: &str| {
        format!(
            "info: wrong registry or path: {name} → m.example.com/hub/library/{name} [wrong-registry]\n"
        )
    };
    unknown(
        "extraContainers: [{name: x, image: busybox}]\n",
        "extraContainers: [{name: x, image: m.example.com/hub/library/busybox}]\n",
        &moved("busybox"),
    );
    unknown(
        "extraObjects: [{kind: Pod, spec: {containers: [{name: b, image: redis}]}}]\n",
        "extraObjects: [{kind: Pod, spec: {containers: [{name: b, image: m.example.com/hub/library/redis}]}}]\n",
        &moved("redis"),
    );
    let folder = tempfile::tempdir().expect("a folder");
    let values = release("{chart: c}", "cache: {image: redis}\n");
    let files = [("restore-images.yaml", config(RULES)), ("hr.yaml", values)];
    for (path, text) in &files {
        fs::write(folder.path().join(path), text).expect("written");
    }
    let run = run_in_folder(
        folder.path(),
        &["check", "--verbose", "--format", "short", "."],
        b"",
    );
    let said = String::from_utf8(run.stdout).expect("UTF-8") + &run.stderr;
    assert!(said.contains("hr.yaml:7:20: not read: redis"), "{said}");
}

/// A text without a host, and a registry that the chart may put before it.
#[test]
fn a_registry_near_a_text_is_not_ignored() {
    for (values, path) in [
        (
            "image: {registry: quay.io, image: acme/l, tag: v1}\n",
            "image.registry",
        ),
        ("registry: quay.io\nimage: acme/l\ntag: v1\n", "registry"),
        (
            "imageRegistry: quay.io\nimage: acme/l:v1\n",
            "imageRegistry",
        ),
        (
            "global: {imageRegistry: quay.io}\nside: {image: acme/l:v1}\n",
            "global.imageRegistry",
        ),
        ("hub: quay.io/x\nside: {image: acme/l}\n", "hub"),
    ] {
        let text = if values.contains("acme/l:v1") {
            "acme/l:v1"
        } else {
            "acme/l"
        };
        unknown(
            values,
            values,
            &format!(
                "warning: {text} → m.example.com/hub/acme/l is not written: the chart may put {path} before it: set that to a mirror, or write the registry here [unresolved-image]\n"
            ),
        );
    }
    // Empty, no registry, of something else, or beside a whole name.
    for values in [
        "global: {imageRegistry: \"\"}\nimage: acme/l:v1\n",
        "registry: txt\nimage: acme/l:v1\n",
        "schemaRegistry: \"http://sr:8081\"\nimage: acme/l:v1\n",
        "other: {registry: quay.io}\nimage: acme/l:v1\n",
    ] {
        unknown(
            values,
            &values.replace("acme/l", "m.example.com/hub/acme/l"),
            "info: wrong registry or path, if the chart takes the text whole: acme/l:v1 → m.example.com/hub/acme/l:v1 [wrong-registry]\n",
        );
    }
    let whole = "global: {imageRegistry: docker.io}\nimage: quay.io/acme/l:v1\n";
    unknown(
        whole,
        &whole.replace("quay.io/acme/l", "m.example.com/quay/acme/l"),
        "info: wrong registry or path: quay.io/acme/l:v1 → m.example.com/quay/acme/l:v1 [wrong-registry]\n",
    );
    // The nearest one decides whether it is a mirror that was set.
    let nearest = "global: {imageRegistry: m.example.com/hub}\nhub: ghcr.io\nimage: acme/l:v1\n";
    unknown(
        nearest,
        nearest,
        "warning: acme/l:v1 → m.example.com/hub/acme/l is not written: the chart may put hub before it: set that to a mirror, or write the registry here [unresolved-image]\n",
    );
    // What is part of another image is before no other one.
    let parts =
        "imageRegistry: m.example.com/quay\nimageRepository: acme/b\nsideImage: acme/l:v1\n";
    unknown(
        parts,
        &parts.replace("acme/l", "m.example.com/hub/acme/l"),
        "info: wrong registry or path, if the chart takes the text whole: acme/l:v1 → m.example.com/hub/acme/l:v1 [wrong-registry]\n",
    );
    // Who sets the mirror there has it before every image.
    let mirrored = "global: {imageRegistry: m.example.com/hub}\nimage: acme/l:v1\n";
    unknown(
        mirrored,
        mirrored,
        "info: acme/l:v1 is not checked: the chart may put global.imageRegistry, a mirror, before it: write the registry here to have it checked [unread-source]\n",
    );
}

/// A release that names no chart may be any: what vendors' charts have at the same keys says nothing of it,
/// unless it is their image.
#[test]
fn keys_of_a_chart_that_nobody_names_are_read_by_their_shape() {
    const HEAD: &str = "apiVersion: helm.cattle.io/v1
kind: HelmChartConfig
metadata: {name: traefik, namespace: kube-system}
spec:
  valuesContent: |
";
    let whole = |values: &str| {
        let lines = values.lines().map(|line| format!("    {line}\n"));
        HEAD.to_owned() + &lines.collect::<String>()
    };
    let of = |message: &str| format!("HelmChartConfig kube-system/traefik: {message}\n");
    let moved = |old: &str, new: &str| {
        of(&format!(
            "wrong registry or path: {old} → {new} [wrong-registry]"
        ))
        .replacen("HelmChartConfig", "info: HelmChartConfig", 1)
    };
    for (values, after, old, new) in [
        (
            "image: {registry: quay.io, repository: acme/thing, tag: v2}\n",
            "image: {registry: m.example.com/quay, repository: acme/thing, tag: v2}\n",
            "quay.io/acme/thing:v2",
            "m.example.com/quay/acme/thing:v2",
        ),
        (
            "image: {registry: docker.io, repository: traefik, tag: v2}\n",
            "image: {registry: m.example.com/hub/library, repository: traefik, tag: v2}\n",
            "docker.io/traefik:v2",
            "m.example.com/hub/library/traefik:v2",
        ),
        (
            "operator: {image: {registry: quay.io, repository: acme/op, tag: v1}}\nregistry: other.example.com\n",
            "operator: {image: {registry: m.example.com/quay, repository: acme/op, tag: v1}}\nregistry: other.example.com\n",
            "quay.io/acme/op:v1",
            "m.example.com/quay/acme/op:v1",
        ),
    ] {
        let told = moved(old, new);
        check(&config(RULES), &whole(values), &whole(after), &told);
    }
    // Nothing is made for a chart that nobody names, and nothing told of the vendors' own images.
    let bare = "image: {repository: acme/thing, tag: v2}\n";
    check(
        &config(RULES),
        &whole(bare),
        &whole(bare),
        &format!(
            "warning: {}",
            of(
                "acme/thing:v2 → m.example.com/hub/acme/thing is not written: the chart may put a registry of its own before it: write the registry, too [unresolved-image]"
            )
        ),
    );
    check(
        &config("values: conventions\n"),
        &whole(bare),
        &whole(bare),
        "",
    );
    // What is an agent's is judged as such.
    let agent = "components: {agent: {image: {repository: m.example.com/cz/cloudzero-agent/cloudzero-agent}}}\n";
    check(
        &config(
            "registries: [{source: ghcr.io/cloudzero, mirror: m.example.com/cz}]\nimagePullSecrets: [reg]\n",
        ),
        &whole(agent),
        &whole(
            "components: {agent: {image: {repository: m.example.com/cz/cloudzero-agent/cloudzero-agent}}}\n",
        ),
        &format!(
            "warning: {}",
            of(
                "m.example.com/cz/cloudzero-agent/cloudzero-agent needs the pull secret reg, and no profile knows the key of this chart that lists it: list it where the chart reads it [unresolved-image]"
            )
        ),
    );
    // The secret of an image that is one text, too.
    let text = "image: m.example.com/quay/acme/l:v1\n";
    check(
        &config(
            "registries: [{source: quay.io, mirror: m.example.com/quay, scope: all}]\nimagePullSecrets: [reg]\n",
        ),
        &whole(text),
        &whole(text),
        &format!(
            "warning: {}",
            of(
                "m.example.com/quay/acme/l:v1 needs the pull secret reg, and no profile knows the key of this chart that lists it: list it where the chart reads it [unresolved-image]"
            )
        ),
    );
}

/// What is left to the chart, or to who fills a template in, is not called clean; nor is the chart itself.
#[test]
fn what_only_the_chart_could_say_is_counted_as_not_read() {
    const MIRROR: &str = "hr.yaml:8:12: not read: acme/l:v1: the chart may put global.imageRegistry, a mirror, before it: write the registry here to have it checked";
    for (values, counts, not_read) in [
        (
            "global: {imageRegistry: m.example.com/hub}\nimage: acme/l:v1\n",
            "0 images read, 2 not read",
            MIRROR,
        ),
        (
            "other: acme/x:v1\nimage: {repository: '{{ .Values.reg }}/acme/l', tag: v1}\n",
            "0 images read, 2 not read",
            "hr.yaml:8:25: not read: ***: it is a template that is filled in elsewhere",
        ),
        (
            "other: acme/x:v1\nimage: {registry: '${REG}', repository: acme/l, tag: v1}\n",
            "0 images read, 2 not read",
            "it is a template that is filled in elsewhere",
        ),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        write_files(
            folder.path(),
            &[
                ("hr.yaml", &release("{chart: c}", values)),
                ("restore-images.yaml", &config(RULES)),
            ],
        );
        let run = run_in_folder(folder.path(), &["check", "--verbose", "."], b"");
        let said = format!("{}{}", run.stderr, String::from_utf8_lossy(&run.stdout));
        for told in [counts, not_read] {
            assert!(said.contains(told), "{told}\n{said}");
        }
    }
}

/// Bitnami's charts read `global.imageRegistry` first, others the image's own registry.
#[test]
fn a_global_registry_is_not_ignored() {
    let unclear = "global: {imageRegistry: quay.io}\nimage: {registry: docker.io, repository: acme/l, tag: v1}\n";
    unknown(
        unclear,
        unclear,
        "warning: docker.io/acme/l:v1 → m.example.com/hub/acme/l is not written: the chart may read global.imageRegistry instead of its registry: give both the same value [unresolved-image]\n",
    );
    let right = "global: {image: {registry: quay.io}}\nimage: {registry: m.example.com/hub, repository: acme/l, tag: v1}\n";
    unknown(
        right,
        right,
        "warning: m.example.com/hub/acme/l:v1 may come from quay.io: the chart may read global.image.registry instead of its registry: give both the same value [unresolved-image]\n",
    );
    // What takes the place of an empty registry is not known.
    let empty = "global: {imageRegistry: m.example.com/hub}\nimage: {registry: '', repository: acme/l, tag: v1}\n";
    unknown(
        empty,
        empty,
        "warning: acme/l:v1 → m.example.com/hub/acme/l is not written: the chart may put a registry of its own before it: write the registry, too [unresolved-image]\n",
    );
    // A subchart sees the registry that is given to it alone, unless the chart around it has one.
    let own = "sub:\n  global: {imageRegistry: quay.io}\n  image: {registry: docker.io, repository: acme/l, tag: v1}\n";
    unknown(
        own,
        own,
        "warning: docker.io/acme/l:v1 → m.example.com/hub/acme/l is not written: the chart may read sub.global.imageRegistry instead of its registry: give both the same value [unresolved-image]\n",
    );
    let others = own.replace(
        "sub:\n",
        "image: {registry: docker.io, repository: acme/b, tag: v1}\nsub:\n",
    );
    unknown(
        &others,
        &others.replace(
            "docker.io, repository: acme/b",
            "m.example.com/hub, repository: acme/b",
        ),
        "info: wrong registry or path: docker.io/acme/b:v1 → m.example.com/hub/acme/b:v1 [wrong-registry]\nwarning: docker.io/acme/l:v1 → m.example.com/hub/acme/l is not written: the chart may read sub.global.imageRegistry instead of its registry: give both the same value [unresolved-image]\n",
    );
    // The mirror of this image is there: the image's own registry becomes the same.
    let mirrored = |registry: &str| {
        format!(
            "global: {{imageRegistry: m.example.com/hub}}\nimage: {{registry: {registry}, repository: acme/l, tag: v1}}\n"
        )
    };
    unknown(
        &mirrored("docker.io"),
        &mirrored("m.example.com/hub"),
        "info: wrong registry or path: docker.io/acme/l:v1 → m.example.com/hub/acme/l:v1 [wrong-registry]\n",
    );
}

/// Values that are set one by one have shapes, too.
#[test]
fn parameters_are_read_by_their_shape() {
    let application = |name: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: a}}\nspec:\n  source:\n    chart: c\n    helm:\n      parameters:\n      - {{name: image.repository, value: {name}/a}}\n      - {{name: image.tag, value: v1}}\n      - {{name: sidecarImage, value: '{name}/b:v1'}}\n      - {{name: initImageRepository, value: {name}/c}}\n      - {{name: initImageTag, value: v1}}\n      - {{name: gitRepository, value: {name}/d}}\n"
        )
    };
    let mapped = application("m.example.com/quay").replace("m.example.com/quay/d", "quay.io/d");
    let (text, said) = restored(&config(RULES), &application("quay.io"));
    assert_text_eq(&text, &mapped);
    assert_eq!(said.matches("[wrong-registry]").count(), 3, "{said}");
    let chart = |name: &str| {
        format!(
            "apiVersion: helm.cattle.io/v1\nkind: HelmChart\nmetadata: {{name: a}}\nspec:\n  chart: c\n  set:\n    image.repository: {name}/a\n    image.tag: v1\n"
        )
    };
    check(
        &config(RULES),
        &chart("quay.io"),
        &chart("m.example.com/quay"),
        "info: HelmChart a: wrong registry or path: quay.io/a:v1 → m.example.com/quay/a:v1 [wrong-registry]\n",
    );
}

/// A tag that is filled in elsewhere says nothing of the name.
#[test]
fn a_template_in_the_tag_leaves_the_name() {
    for tag in ["${TAG}", "\"${TAG:=v1}\"", "'{{ .v }}'"] {
        let values = |name: &str| format!("image:\n  repository: {name}\n  tag: {tag}\n");
        unknown(
            &values("quay.io/acme/foo"),
            &values("m.example.com/quay/acme/foo"),
            "info: wrong registry or path: quay.io/acme/foo → m.example.com/quay/acme/foo [wrong-registry]\n",
        );
    }
}

/// It is a part of the text there, which keeps what stands behind the name.
#[test]
fn a_template_in_the_version_of_a_text_leaves_the_name() {
    for version in [
        ":${TAG}",
        ":${TAG:=v1}",
        ":{{ .tag }}",
        ":v1-${X}",
        ":v1@${DIGEST}",
        "@${DIGEST}",
        ":$ARGOCD_APP_REVISION",
    ] {
        for shape in ["app: {image: 'NAME'}\n", "image: {repository: 'NAME'}\n"] {
            let values = |name: &str| shape.replace("NAME", &format!("{name}/acme/foo{version}"));
            unknown(
                &values("quay.io"),
                &values("m.example.com/quay"),
                "info: wrong registry or path: quay.io/acme/foo → m.example.com/quay/acme/foo [wrong-registry]\n",
            );
        }
        let application = |name: &str| {
            format!(
                "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: a}}\nspec:\n  source:\n    chart: c\n    helm:\n      parameters:\n      - {{name: s.image, value: '{name}/acme/foo{version}'}}\n"
            )
        };
        check(
            &config(RULES),
            &application("quay.io"),
            &application("m.example.com/quay"),
            "info: Application a: wrong registry or path: quay.io/acme/foo → m.example.com/quay/acme/foo [wrong-registry]\n",
        );
    }
    for (text, new) in [
        ("quay.io/${ORG}/foo:v1", "m.example.com/quay/${ORG}/foo:v1"),
        (
            "quay.io/acme/foo${X}:v1",
            "m.example.com/quay/acme/foo${X}:v1",
        ),
    ] {
        let values = format!("app: {{image: '{text}'}}\n");
        unknown(
            &values,
            &values,
            &format!(
                "warning: {text} → {new} is not written: it is a template that is filled in elsewhere [unresolved-image]\n"
            ),
        );
    }
}

/// Some charts put nothing between registry and repository.
#[test]
fn a_registry_that_ends_in_a_slash_keeps_it() {
    for owner in ["", "acme/"] {
        let values = |registry: &str| {
            format!("image: {{registry: {registry}/{owner}, repository: acme/a, tag: v1}}\n")
        };
        unknown(
            &values("quay.io"),
            &values("m.example.com/quay"),
            &format!(
                "info: wrong registry or path: quay.io/{owner}acme/a:v1 → m.example.com/quay/{owner}acme/a:v1 [wrong-registry]\n"
            ),
        );
    }
}

/// What is no image as it is written, under a rule, is told, and not called clean.
#[test]
fn what_is_almost_an_image_is_told() {
    for (values, told) in [
        (
            "image: {registry: 'https://quay.io', repository: acme/a, tag: v1}\n",
            "`https://quay.io/acme/a:v1` is no image reference",
        ),
        (
            "image: {registry: quay.io, repository: /acme/a, tag: v1}\n",
            "`quay.io//acme/a:v1` is no image reference",
        ),
        (
            "image: 'quay.io/acme/a:v1 '\n",
            "quay.io/acme/a:v1 has blanks around it",
        ),
    ] {
        unknown(
            values,
            values,
            &format!(
                "warning: {told}: it should be m.example.com/quay/acme/a:v1 [unresolved-image]\n"
            ),
        );
    }
}

/// An image under a rule at a key that is none of images is counted as not read.
#[test]
fn what_only_reads_like_an_image_is_counted_as_not_read() {
    for (values, count) in [
        ("imageName: quay.io/acme/s:v1\n", 1),
        ("imageName: quay.io/acme/s\nimageTag: v1\n", 1),
        ("images: {web: quay.io/acme/s:v2}\n", 1),
        ("images: [quay.io/acme/s:v1, quay.io/acme/t:v1]\n", 2),
        ("image: [quay.io/acme/s:v1]\n", 1),
        (
            "imageUrl: quay.io/acme/s\nimageOverride: quay.io/acme/s\nimage_name: quay.io/acme/s\n",
            3,
        ),
        (
            "csi: {attacher: {repository: quay.io/acme/s, version: v1}}\n",
            1,
        ),
        ("app: {repo: quay.io/acme/s, tag: v1}\n", 1),
        ("app: quay.io/acme/s:v1\n", 1),
        ("app: ghcr.io/acme/s:v1\n", 0),
        ("app: {repository: quay.io/acme/s, branch: v1}\n", 0),
        ("imageChart: {repository: quay.io/acme/s, version: v1}\n", 0),
        ("chart: {repository: quay.io/acme/s, tag: v1}\n", 0),
        ("image: {repository: quay.io/acme/s, tag: v1}\n", 0),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        write_files(
            folder.path(),
            &[
                ("hr.yaml", &release("{chart: c}", values)),
                ("restore-images.yaml", &config(RULES)),
            ],
        );
        let run = run_in_folder(folder.path(), &["check", "--verbose", "."], b"");
        let said = format!("{}{}", run.stderr, String::from_utf8_lossy(&run.stdout));
        let told = "no profile knows an image at this key: look at what is rendered";
        assert_eq!(said.matches(told).count(), count, "{values}{said}");
        if count > 0 {
            // The chart itself counts, too.
            let counted = format!("0 images read, {} not read", count + 1);
            assert!(said.contains(&counted), "{values}{said}");
        }
    }
}

/// Without quotes a template is a mapping, and no empty value.
#[test]
fn a_template_without_quotes_is_no_absent_value() {
    let rules =
        "agents: [grafana-alloy]\nregistries: [{source: docker.io, mirror: m.example.com/hub}]\n";
    let set = |registry: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: a}}\nspec:\n  goTemplate: true\n  template:\n    spec:\n      source:\n        repoURL: https://grafana.github.io/helm-charts\n        chart: alloy\n        targetRevision: 1.0.3\n        helm:\n          values: |\n            image:\n              registry: {registry}\n              tag: {{{{ .tag }}}}\n            configReloader: {{enabled: false}}\n"
        )
    };
    for registry in ["{{ .reg }}", "{a: b}"] {
        let input = set(registry);
        check(
            &config(rules),
            &input,
            &input,
            "warning: ApplicationSet a: docker.io/grafana/alloy → m.example.com/hub/grafana/alloy is not written: a part of it is not text: quote it if it is a template, or write text [unresolved-image]\n",
        );
    }
}

/// A name that is filled in elsewhere, in part, is told where a rule is about what is written.
#[test]
fn a_template_in_a_name_under_a_rule_is_told() {
    for (name, new) in [
        ("quay.io/acme/${APP}", "m.example.com/quay/acme/${APP}"),
        (
            "quay.io/acme/{{.name}}",
            "m.example.com/quay/acme/{{.name}}",
        ),
        ("${REG:=quay.io}/acme/foo", "m.example.com/quay/acme/foo"),
    ] {
        let values = format!("image:\n  repository: '{name}'\n  tag: v1\n");
        unknown(
            &values,
            &values,
            &format!(
                "warning: {name} → {new} is not written: it is a template that is filled in elsewhere [unresolved-image]\n"
            ),
        );
    }
    // Of the image of a known chart it is known what it should be.
    let rules = "agents: [cloudzero-agent]\nregistries: [{source: ghcr.io/cloudzero, mirror: m.example.com/cz}]\n";
    let input = release(
        "{chart: cloudzero-agent, version: 1.2.13}",
        "components:\n  agent:\n    image:\n      repository: ${REG}/cloudzero-agent\n",
    );
    check(
        &config(rules),
        &input,
        &input,
        "warning: HelmRelease n/r: ${REG}/cloudzero-agent is a template that is filled in elsewhere: it should become m.example.com/cz/cloudzero-agent/cloudzero-agent [unresolved-image]\n",
    );
}

/// An alias is a value of its own place.
#[test]
fn what_an_alias_brings_is_an_image() {
    let told = "info: wrong registry or path: quay.io/acme/foo:v1 → m.example.com/quay/acme/foo:v1 [wrong-registry]\n";
    unknown(
        "x: &r quay.io/acme/foo:v1\nimage: *r\n",
        "x: &r quay.io/acme/foo:v1\nimage: m.example.com/quay/acme/foo:v1\n",
        told,
    );
    // Both places of a mapping agree on one edit, which is told once.
    unknown(
        "image: &c {repository: quay.io/acme/foo, tag: v1}\nbarImage: *c\n",
        "image: &c {repository: m.example.com/quay/acme/foo, tag: v1}\nbarImage: *c\n",
        told,
    );
    // So do those of what is around it, and of what a merge key brings.
    for values in [
        "g: &g {image: {repository: NAME/acme/foo, tag: v1}}\nh: *g\n",
        "g: &g {image: {repository: NAME/acme/foo, tag: v1}}\ni: {<<: *g, extra: 1}\n",
        "g: &g\n  image: &i\n    registry: NAME\n    repository: acme/foo\n    tag: v1\none:\n  <<: *g\n  replicas: 1\nthree: *g\n",
        "g: &g {x: 1, image: 'NAME/acme/foo:v1'}\nh: {i: {<<: [*g]}}\n",
    ] {
        unknown(
            &values.replace("NAME", "quay.io"),
            &values.replace("NAME", "m.example.com/quay"),
            told,
        );
    }
    let input = "common: &c {repository: quay.io/acme/foo}\nfooImage: *c\n";
    unknown(
        input,
        input,
        "warning: wrong registry or path: quay.io/acme/foo → m.example.com/quay/acme/foo, but an anchor shares the value with a place that must keep it: write the value out instead of the alias [unresolved-image]\n",
    );
}

#[test]
fn a_version_in_the_name_stays_there() {
    for tag in ["", "  tag: ''\n"] {
        let values = |name: &str| format!("image:\n  repository: {name}:v1\n{tag}");
        unknown(
            &values("quay.io/acme/foo"),
            &values("m.example.com/quay/acme/foo"),
            "info: wrong registry or path: quay.io/acme/foo:v1 → m.example.com/quay/acme/foo:v1 [wrong-registry]\n",
        );
    }
    let apart =
        |registry: &str| format!("image: {{registry: {registry}, repository: 'acme/foo:v1'}}\n");
    unknown(
        &apart("quay.io"),
        &apart("m.example.com/quay"),
        "info: wrong registry or path: quay.io/acme/foo:v1 → m.example.com/quay/acme/foo:v1 [wrong-registry]\n",
    );
    let twice = "image: {repository: 'quay.io/acme/foo:v1', tag: v2}\n";
    unknown(
        twice,
        twice,
        "warning: quay.io/acme/foo:v1 has a version of its own, and the chart puts another one behind it: take it out of the name, which should be m.example.com/quay/acme/foo [unresolved-image]\n",
    );
}

/// Tags that Helm reads as something else than text, each with what real helm prints.
#[test]
fn what_helm_prints_of_a_tag_is_told() {
    let tags = [
        "0b11", "on", "Yes", "y", "OFF", "+1", ".5", "-0", "0x1F", "1_0", "0o17", "yEs", "0b12",
        "12:30",
    ];
    let folder = tempfile::tempdir().expect("a folder");
    let template = "{{- range .Values.tags }}\n{{ . }}\n{{- end }}\n";
    write_files(
        folder.path(),
        &[
            ("Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\n"),
            ("values.yaml", &format!("tags: [{}]\n", tags.join(", "))),
            ("templates/NOTES.txt", ""),
            (
                "templates/tags.yaml",
                &format!("tags: |-\n{}", template.replace("\n{{ .", "\n  {{ .")),
            ),
        ],
    );
    let Some(text) = rendered(folder.path()) else {
        return;
    };
    let printed: Vec<&str> = text
        .lines()
        .skip_while(|line| !line.starts_with("tags:"))
        .skip(1)
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    assert_eq!(printed.len(), tags.len(), "{text}");
    for (tag, printed) in tags.iter().zip(printed) {
        let input = release(
            "{chart: c}",
            &format!("image: {{repository: m.example.com/quay/a/b, tag: {tag}}}\n"),
        );
        let (_, said) = restored(&config(RULES), &input);
        let what = if printed == "true" || printed == "false" {
            "truth value"
        } else {
            "number"
        };
        let told = format!(
            "warning: HelmRelease n/r: the tag {tag} is a {what}, which Helm prints as {printed}: quote it (\"{tag}\") [unresolved-image]\n"
        );
        assert_text_eq(&said, if *tag == printed { "" } else { &told });
    }
}

/// A chart, a working copy and a module have the keys of images.
#[test]
fn what_only_looks_like_an_image_stays() {
    let values = "\
ocichart: {registry: quay.io, repository: acme/charts, tag: 1.0.0}
helmChart: {registry: quay.io, repository: acme/charts, tag: 1.0.0}
modules: {vpc: {repository: quay.io/acme/vpc, tag: v1}}
gitSync: {repository: github.com/acme/x, tag: v1}
";
    let rules = format!("{RULES}- {{source: github.com, mirror: m.example.com/gh, scope: all}}\n");
    let input = release("{chart: c}", values);
    check(&config(&rules), &input, &input, "");
}

/// What real helm makes of a chart.
pub(super) fn rendered(chart: &Path) -> Option<String> {
    let helm = tool("helm")?;
    let out = Command::new(helm)
        .args(["template", "r"])
        .arg(chart)
        .output()
        .expect("helm runs");
    assert!(
        out.status.success(),
        "{}",
        String::from_utf8_lossy(&out.stderr)
    );
    Some(String::from_utf8(out.stdout).expect("UTF-8"))
}

/// The lines of a text that name images.
fn images(text: &str) -> Vec<String> {
    let lines = text.lines().map(str::trim_start);
    lines
        .filter_map(|line| line.strip_prefix("image: "))
        .map(|image| image.trim_matches('"').to_owned())
        .collect()
}

/// Whatever a chart makes of such values, each image is right after `fix`, or as it was and told.
#[test]
fn an_unknown_chart_gives_right_images_or_they_are_told() {
    let whole = "{{ .Values.image }}";
    let parts = "{{ .Values.image.repository }}:{{ .Values.image.tag }}";
    let cases = [
        (
            "image: {registry: quay.io, image: acme/l, tag: v1}\n",
            "{{ .Values.image.registry }}/{{ .Values.image.image }}:{{ .Values.image.tag }}",
        ),
        (
            "registry: quay.io\nimage: acme/l\n",
            "{{ .Values.registry }}/{{ .Values.image }}",
        ),
        (
            "global: {imageRegistry: quay.io}\nimage: acme/l\n",
            "{{ .Values.global.imageRegistry }}/{{ .Values.image }}",
        ),
        ("global: {imageRegistry: quay.io}\nimage: acme/l\n", whole),
        (
            "global: {imageRegistry: quay.io}\nimage: {registry: docker.io, repository: acme/l, tag: v1}\n",
            "{{ .Values.global.imageRegistry | default .Values.image.registry }}/{{ .Values.image.repository }}",
        ),
        (
            "global: {imageRegistry: quay.io}\nimage: {registry: docker.io, repository: acme/l, tag: v1}\n",
            "{{ .Values.image.registry | default .Values.global.imageRegistry }}/{{ .Values.image.repository }}",
        ),
        (
            "global: {imageRegistry: m.example.com/hub}\nimage: {registry: docker.io, repository: acme/l, tag: v1}\n",
            "{{ .Values.image.registry | default .Values.global.imageRegistry }}/{{ .Values.image.repository }}",
        ),
        ("x: &r quay.io/acme/foo:v1\nimage: *r\n", whole),
        (
            "x: &r {repository: quay.io/acme/foo, tag: v1}\nimage: *r\n",
            parts,
        ),
        (
            "image: &r {repository: quay.io/acme/foo, tag: v1}\nsideImage: *r\n",
            "{{ .Values.sideImage.repository }}:{{ .Values.sideImage.tag }}",
        ),
        (
            "image: {repository: 'quay.io/acme/foo:v1'}\n",
            "{{ .Values.image.repository }}",
        ),
        ("image: {repository: quay.io/acme/foo, tag: on}\n", parts),
        ("image: {repository: quay.io/acme/foo, tag: 0b11}\n", parts),
    ];
    for (values, template) in cases {
        let folder = tempfile::tempdir().expect("a folder");
        let pod = format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  containers:\n  - name: a\n    image: \"{template}\"\n"
        );
        write_files(
            folder.path(),
            &[
                ("c/Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\n"),
                ("c/values.yaml", values),
                ("c/templates/p.yaml", &pod),
                ("restore-images.yaml", &config(RULES)),
            ],
        );
        let Some(before) = rendered(&folder.path().join("c")) else {
            return;
        };
        let run = run_in_folder(folder.path(), &["fix", "."], b"");
        let after = rendered(&folder.path().join("c")).unwrap_or_default();
        let stream = run_in_folder(folder.path(), &["restore-images.yaml"], before.as_bytes());
        let should = images(&String::from_utf8_lossy(&stream.stdout));
        let is_right = images(&after) == should;
        let is_left = images(&after) == images(&before) && run.code == 1;
        assert!(
            is_right || is_left,
            "{values}{template}\n{after}{should:?}\n{}",
            String::from_utf8_lossy(&run.stdout)
        );
        let text = fs::read_to_string(folder.path().join("c/values.yaml")).expect("a file");
        assert!(run.code == 1 || text != values, "{values}");
    }
}

/// However many values are beside an image, it is read.
#[test]
fn images_among_many_values() {
    let notes: String = (0..2_000)
        .map(|n| format!("b{n}: {{note: hello}}\n"))
        .collect();
    let images = |registry: &str| -> String {
        (0..1_200)
            .map(|n| format!("k{n}: {{image: {{repository: {registry}/acme/a{n}, tag: v1}}}}\n"))
            .collect()
    };
    let rules = config("registries: [{source: quay.io, mirror: m.example.com/quay, scope: all}]\n");
    let chart = "{chart: unknown}";
    let (text, _) = restored(
        &rules,
        &release(chart, &(notes.clone() + &images("quay.io"))),
    );
    assert_text_eq(
        &text,
        &release(chart, &(notes + &images("m.example.com/quay"))),
    );
}

/// Where aliases repeat more than is looked through, that is told, and nothing is written.
#[test]
fn values_that_aliases_repeat_too_often() {
    let mut values = "a0: &a0 {image: {repository: quay.io/acme/a, tag: v1}}\n".to_owned();
    for n in 1..9 {
        let all = vec![format!("*a{}", n - 1); 10].join(", ");
        values += &format!("a{n}: &a{n} [{all}]\n");
    }
    let input = release("{chart: unknown}", &values);
    check(
        &config("registries: [{source: quay.io, mirror: m.example.com/quay, scope: all}]\n"),
        &input,
        &input,
        "warning: HelmRelease n/r: its values repeat more by aliases, have more images in one mapping, or more images in more texts, than are looked through, so that images of no profile are not checked: write them out, or split them up [unresolved-image]\n",
    );
}

/// A registry that is empty is what the chart fills in: `default "quay.io"`, or `defaultRegistry`.
#[test]
fn a_registry_that_is_empty_is_not_known() {
    let told = "warning: oauth2-proxy/oauth2-proxy → m.example.com/hub/oauth2-proxy/oauth2-proxy is not written: the chart may put a registry of its own before it: write the registry, too [unresolved-image]\n";
    for registry in ["\"\"", "~", "null"] {
        for more in ["", ", defaultRegistry: quay.io"] {
            let values = format!(
                "image: {{registry: {registry}, repository: oauth2-proxy/oauth2-proxy{more}}}\n"
            );
            unknown(&values, &values, told);
        }
    }
}

/// Charts of Bitnami fail where an image is another one than theirs, until a value allows it.
#[test]
fn an_image_of_bitnami_waits_for_what_allows_others() {
    let values = |registry: &str| {
        format!("image: {{registry: {registry}, repository: bitnami/valkey, tag: v1}}\n")
    };
    unknown(
        &values("docker.io"),
        &values("docker.io"),
        "warning: docker.io/bitnami/valkey:v1 → m.example.com/hub/bitnami/valkey is not written: charts of Bitnami refuse images of other registries: set `global.security.allowInsecureImages: true` first [unresolved-image]\n",
    );
    let allowed = "global: {security: {allowInsecureImages: true}}\n";
    unknown(
        &(values("docker.io") + allowed),
        &(values("m.example.com/hub") + allowed),
        "info: wrong registry or path: docker.io/bitnami/valkey:v1 → m.example.com/hub/bitnami/valkey:v1 [wrong-registry]\n",
    );
}
