//! What is told of values of charts: pull policies, tags that only the chart knows, and what to set.

use super::{check, config, fixed, release, restored, write_files};
use crate::support::{assert_text_eq, run_in_folder};

const REALTHEORY: &str = "agents: [realtheory-collector]\n";

/// A policy that is right is nothing to report, in whatever form the image is written.
#[test]
fn a_right_pull_policy_is_not_told() {
    let image = "image: {registry: docker.io, repository: realtheory/theory-k8s-collector, tag: latest, pullPolicy: Always}\n";
    let text = "image: realtheory/theory-k8s-collector\nimagePullPolicy: Always\n";
    let beside = "image: {repository: realtheory/theory-k8s-collector, tag: latest}\nimagePullPolicy: Always\n";
    for values in [image, text, beside] {
        let input = release("{chart: c}", values);
        check(&config(REALTHEORY), &input, &input, "");
    }
}

/// A policy that is wrong is read beside a text, too.
#[test]
fn a_wrong_pull_policy_is_restored() {
    let image = "image: {registry: docker.io, repository: realtheory/theory-k8s-collector, tag: latest, pullPolicy: NAME}\n";
    let text = "image: realtheory/theory-k8s-collector\nimagePullPolicy: NAME\n";
    let beside = "image: {repository: realtheory/theory-k8s-collector, tag: latest}\nimagePullPolicy: NAME\n";
    let sidecar = "sidecarImage: realtheory/theory-k8s-collector\nsidecarImagePullPolicy: NAME\n";
    for values in [image, text, beside, sidecar] {
        let with = |policy: &str| release("{chart: c}", &values.replace("NAME", policy));
        check(
            &config(REALTHEORY),
            &with("IfNotPresent"),
            &with("Always"),
            "info: HelmRelease n/r: pull policy IfNotPresent → Always [wrong-pull-policy]\n",
        );
    }
}

/// An image is one, whatever is above its name in an environment.
#[test]
fn an_image_below_an_overlay_counts_once() {
    let base = release("{chart: datadog}", "datadog: {clusterName: c}\n");
    let part = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: r, namespace: n}\nspec:\n  values:\n    operator: {image: {tag: 1.20.0}}\n";
    for part in [None, Some(part)] {
        let folder = tempfile::tempdir().expect("a folder");
        write_files(
            folder.path(),
            &[
                ("base.yaml", &base),
                ("restore-images.yaml", &config(DATADOG)),
            ],
        );
        if let Some(part) = part {
            write_files(folder.path(), &[("part.yaml", part)]);
        }
        let run = run_in_folder(folder.path(), &["check", "."], b"");
        let said = String::from_utf8_lossy(&run.stdout);
        assert!(said.contains(" 3 images read"), "{said}");
    }
}

/// In the place of an agent's image, the key of a known chart has one that is none of it: it stays, and is
/// told, and nothing else of the chart is called untied.
#[test]
fn another_image_at_the_key_of_an_agent_is_told() {
    let datadog = "agents: [datadog]\nregistries: [{source: registry.datadoghq.com, mirror: r.example.com/datadog}]\n";
    for (config_of, chart, values, told) in [
        (
            datadog,
            "{chart: datadog, version: 3.240.0}",
            "registry: quay.io/acme-datadog\nagents: {image: {tag: 7.60.0}}\n",
            "warning: HelmRelease n/r: quay.io/acme-datadog/agent:7.60.0 is not registry.datadoghq.com/agent, which the chart of datadog runs there, with `registry`, and stays: where it is a copy, declare it with `source: registry.datadoghq.com/agent` and `mirror: quay.io/acme-datadog/agent`, or allow it by an exception [undeclared-mirror]",
        ),
        (
            datadog,
            "{chart: datadog, version: 3.240.0}",
            "agents: {image: {repository: r.example.com/own/agent-of-ours, tag: v1}}\n",
            "warning: HelmRelease n/r: r.example.com/own/agent-of-ours:v1 is not registry.datadoghq.com/agent, which the chart of datadog runs there, with `agents.image.repository`, and stays: where it is a copy, declare it with `source: registry.datadoghq.com/agent` and `mirror: r.example.com/own/agent-of-ours`, or allow it by an exception [undeclared-mirror]",
        ),
        (
            "agents: [cloudzero-agent]\nregistries: [{source: docker.io, mirror: r.example.com/hub}]\n",
            "{chart: cloudzero-agent, version: 1.2.9}",
            "components: {agent: {image: {repository: quay.io/acme/cz-agent}}}\n",
            "quay.io/acme/cz-agent is not ghcr.io/cloudzero/cloudzero-agent/cloudzero-agent, which the chart of cloudzero-agent runs there, with `components.agent.image.repository`, and stays: where it is a copy, declare it with `source: ghcr.io/cloudzero/cloudzero-agent/cloudzero-agent` and `mirror: quay.io/acme/cz-agent`, or allow it by an exception [undeclared-mirror]",
        ),
    ] {
        let (_, said) = restored(&config(config_of), &release(chart, values));
        assert_eq!(said.matches(told).count(), 1, "{said}");
        // The rule that is told is what is asked for.
        let (_, rule) = told
            .split_once("declare it with `source: ")
            .expect("a rule");
        let (source, rest) = rule.split_once("` and `mirror: ").expect("a mirror");
        let (mirror, _) = rest.split_once('`').expect("its end");
        let with_rule = config_of.replacen(
            "registries: [",
            &format!("registries: [{{source: {source}, mirror: {mirror}}}, "),
            1,
        );
        let (_, said) = restored(&config(&with_rule), &release(chart, values));
        assert!(!said.contains(&format!("`mirror: {mirror}`")), "{said}");
    }
}

/// What ties the images that others run, too, to an agent is the agent's own: where another is in its place,
/// the chart does.
#[test]
fn images_beside_another_one_at_the_key_of_an_agent_are_the_charts() {
    let input = |more: &str| {
        release(
            "{chart: cloudzero-agent, version: 1.2.3}",
            &format!(
                "components: {{agent: {{image: {{repository: quay.io/acme/cz-agent}}}}{more}}}\n"
            ),
        )
    };
    let (text, said) = restored(
        &config(
            "agents: [cloudzero-agent]\nregistries: [{source: docker.io, mirror: r.example.com/hub}]\n",
        ),
        &input(""),
    );
    let made = ", kubectl: {image: {repository: r.example.com/hub/bitnami/kubectl}}";
    assert_text_eq(&text, &input(made));
    assert!(said.contains("[undeclared-mirror]"), "{said}");
    assert!(!said.contains("[shared-image]"), "{said}");
}

/// A tag is told of where it is written, also where the name is made in another file; each has the edits of its
/// own file.
#[test]
fn a_tag_in_another_file_is_told_there() {
    let config = config(
        "agents:
- name: acme
  images: [{image: 'quay.io/acme/agent:latest', tag: floating}]
  charts: [{name: acmechart, images: [{repository: {path: c.repository, default: quay.io/acme/agent}, tag: c.tag}]}]
registries: [{source: quay.io, mirror: m.example.com/quay}]
",
    );
    let folder = tempfile::tempdir().expect("a folder");
    let files = [
        ("restore-images.yaml", config.as_str()),
        (
            "umb/Chart.yaml",
            "apiVersion: v2\nname: umb\nversion: 0.1.0\ndependencies: [{name: acmechart, version: 1.2.3, repository: 'https://charts.acme.example/x'}]\n",
        ),
        ("umb/values.yaml", "acmechart: {c: {tag: latest}}\n"),
        (
            "umb/values-prod.yaml",
            "zz: 1\nacmechart: {c: {tag: '1.10'}}\n",
        ),
    ];
    write_files(folder.path(), &files);
    let run = |format: &str| {
        run_in_folder(folder.path(), &["check", "--format", format, "."], b"").stdout
    };
    let said = String::from_utf8(run("short")).expect("UTF-8");
    let told = "umb/values-prod.yaml:2:22: error: tag 1.10 keeps the agent from upgrading itself";
    assert_eq!(said.matches(told).count(), 1, "{said}");
    let said: serde_json::Value = serde_json::from_slice(&run("json")).expect("JSON");
    for file in said["files"].as_array().expect("files") {
        let is_prod = file["path"] == "umb/values-prod.yaml";
        for finding in file["findings"].as_array().expect("findings") {
            let edits = finding["edits"].as_array().expect("edits").iter();
            for edit in edits {
                let text = edit["text"].as_str().expect("a text");
                assert_eq!(text == "latest" || text == "'latest'", is_prod, "{said}");
            }
        }
    }
}

/// Another image of the vendor's own is no copy to be declared.
#[test]
fn another_image_of_the_vendor_is_no_copy() {
    let (_, said) = restored(
        &config("agents: [cloudzero-agent]\n"),
        &release(
            "{chart: cloudzero-agent, version: 1.2.3}",
            "components: {agent: {image: {repository: ghcr.io/cloudzero/insights/insights}}}\n",
        ),
    );
    let told = "ghcr.io/cloudzero/insights/insights is not ghcr.io/cloudzero/cloudzero-agent/cloudzero-agent, which the chart of cloudzero-agent runs there, with `components.agent.image.repository`, and stays: it is another image of the same owner, and no copy: take it out, or allow it by an exception [undeclared-mirror]\n";
    assert!(said.contains(told), "{said}");
}

/// The fix of a finding is of that finding alone, where many are of one text, too.
#[test]
fn a_fix_in_a_text_is_of_its_finding_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = "apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: a, namespace: argocd}
spec:
  source:
    repoURL: https://charts.example.com
    chart: acme
    helm:
      values: |
        a: {image: {repository: quay.io/acme/a, tag: v1}}
        b: {image: {repository: quay.io/acme/b, tag: v1}, c: {image: {repository: quay.io/acme/c, tag: v1}}}
";
    write_files(folder.path(), &[("a.yaml", app)]);
    let rules = "registries: [{source: quay.io, mirror: m.example.com/quay, scope: all}]\n";
    write_files(folder.path(), &[("restore-images.yaml", &config(rules))]);
    for (input, text) in [(".", ""), ("-", app)] {
        let arguments = [
            "check",
            "-c",
            "restore-images.yaml",
            "--format",
            "json",
            input,
        ];
        let run = run_in_folder(folder.path(), &arguments, text.as_bytes());
        let said: serde_json::Value = serde_json::from_slice(&run.stdout).expect("JSON");
        let findings = said["files"][0]["findings"].as_array().expect("findings");
        let edits = findings.iter().map(|finding| {
            let edits = finding["edits"].as_array().expect("edits").iter();
            let texts = edits.map(|edit| edit["text"].as_str().expect("a text"));
            texts.collect::<Vec<_>>().join(" and ")
        });
        assert_eq!(
            edits.collect::<Vec<_>>(),
            [
                "m.example.com/quay/acme/a",
                // What is left of a line is judged as a whole.
                "m.example.com/quay/acme/b, tag: v1}, c: {image: {repository: m.example.com/quay/acme/c",
                "m.example.com/quay/acme/b, tag: v1}, c: {image: {repository: m.example.com/quay/acme/c",
            ],
            "{input}"
        );
    }
}

/// The pods of a release are in the namespace that it is installed into.
#[test]
fn the_namespace_of_a_release_is_that_of_its_pods() {
    let config = config(
        "agents: [{profile: kube-prometheus, namespaces: [monitoring]}]\nregistries: [{source: quay.io, mirror: m.example.com/quay}]\n",
    );
    let chart = "repoURL: https://prometheus-community.github.io/helm-charts, chart: alertmanager, targetRevision: 1.22.0";
    let application = |destination: &str, image: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: a, namespace: argocd}}\nspec:\n  source: {{{chart}, helm: {{valuesObject: {{image: {{repository: {image}}}}}}}}}\n  destination: {{namespace: {destination}}}\n"
        )
    };
    let set = |destination: &str, image: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: a, namespace: argocd}}\nspec:\n  template:\n    spec:\n      source: {{{chart}, helm: {{valuesObject: {{image: {{repository: {image}}}}}}}}}\n      destination: {{namespace: {destination}}}\n"
        )
    };
    let flux = |target: &str, image: &str| {
        format!(
            "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: a, namespace: flux-system}}\nspec:\n  targetNamespace: {target}\n  chart: {{spec: {{chart: alertmanager, version: 1.22.0}}}}\n  values: {{image: {{repository: {image}}}}}\n"
        )
    };
    let k3s = |target: &str, image: &str| {
        format!(
            "apiVersion: helm.cattle.io/v1\nkind: HelmChart\nmetadata: {{name: a, namespace: kube-system}}\nspec: {{targetNamespace: {target}, chart: alertmanager, repo: https://prometheus-community.github.io/helm-charts, version: 1.22.0, values: {{image: {{repository: {image}}}}}}}\n"
        )
    };
    let (old, new) = (
        "quay.io/prometheus/alertmanager",
        "m.example.com/quay/prometheus/alertmanager",
    );
    for object in [
        &application as &dyn Fn(&str, &str) -> String,
        &set,
        &flux,
        &k3s,
    ] {
        assert_text_eq(
            &restored(&config, &object("monitoring", old)).0,
            &object("monitoring", new),
        );
        assert_text_eq(
            &restored(&config, &object("other", old)).0,
            &object("other", old),
        );
    }
    let own = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: a, namespace: monitoring}\nspec:\n  chart: {spec: {chart: alertmanager, version: 1.22.0}}\n  values: {image: {repository: quay.io/prometheus/alertmanager}}\n";
    assert_text_eq(&restored(&config, own).0, &own.replace(old, new));
}

/// The pod of `helm test` has no pull secrets, and no key of the chart gives it any.
#[test]
fn pods_that_no_key_gives_a_secret_to_are_told() {
    let rules =
        "registries: [{source: docker.io, mirror: r.example.com/hub}]\nimagePullSecrets: [reg]\n";
    for (agent, chart, values, image) in [
        (
            "lacework-agent",
            "{chart: lacework-agent, version: 8.2.0}",
            "image: {registry: r.example.com/hub, imagePullSecrets: [{name: reg}]}\n",
            "r.example.com/hub/lacework/datacollector",
        ),
        (
            "lacework-agent",
            "{chart: lacework-agent-windows, version: 1.8.0}",
            "windowsAgent: {image: {registry: r.example.com/hub, imagePullSecrets: [{name: reg}]}}\n",
            "r.example.com/hub/lacework/datacollector-windows",
        ),
        (
            "perfectscale",
            "{chart: psc-autoscaler, version: 1.0.53}",
            "image: {repository: r.example.com/aws/perfectscale-io/psc-autoscaler}\ncrdUpgradeHook: {image: {repository: r.example.com/aws/l4d0e8n7/kubectl}}\nimagePullSecrets: {secretName: reg}\n",
            "r.example.com/aws/perfectscale-io/psc-autoscaler",
        ),
    ] {
        let rules = rules.replacen(
            "registries: [",
            "registries: [{source: public.ecr.aws, mirror: r.example.com/aws}, ",
            1,
        );
        let config = config(&format!("agents: [{agent}]\n{rules}"));
        let told = format!(
            "warning: HelmRelease n/r: {image} needs the pull secret reg, and the chart has no key that gives it to the pod of `helm test`: give it to its ServiceAccount [unseen-pull-secret]\n"
        );
        let release = release(chart, values);
        check(&config, &release, &release, &told);
    }
}

/// Helm's usual empty file of values gets several keys.
#[test]
fn an_empty_mapping_gets_several_keys() {
    let rules = "agents: [datadog]\nregistries: [{source: registry.datadoghq.com, mirror: m.example.com/dd}]\nfiles: {values: [{path: values.yaml, chart: datadog}]}\n";
    fixed(
        &config(rules),
        &[("values.yaml", "{}\n")],
        &[(
            "values.yaml",
            "{registry: m.example.com/dd, operator: {image: {repository: m.example.com/dd/operator}}}\n",
        )],
    );
}

/// LogicMonitor's charts keep an owner at `repository`, and a host before it at another key.
#[test]
fn an_owner_at_a_repository_is_no_image_of_its_own() {
    let with = |values: &str| {
        release(
            "{chart: argus, version: 15.1.0, sourceRef: {kind: HelmRepository, name: lm}}",
            values,
        ) + "---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata: {name: lm, namespace: n}\nspec: {url: https://logicmonitor.github.io/helm-charts}\n"
    };
    let rules = "agents: [logicmonitor]\nundeclaredMirrors: restore\n";
    let old = "image: {repository: m.example.com/docker.io/logicmonitor, name: argus}\ncollector: {image: {repository: m.example.com/docker.io/logicmonitor}}\n";
    let new = "image: {repository: docker.io/logicmonitor, name: argus}\ncollector: {image: {repository: docker.io/logicmonitor}}\n";
    fixed(
        &config(rules),
        &[("hr.yaml", &with(old))],
        &[("hr.yaml", &with(new))],
    );
    let rules = "agents: [logicmonitor]\nregistries: [{source: docker.io, mirror: m.example.com/docker.io}]\n";
    let host = |host: &str| with(&format!("global: {{image: {{registry: {host}}}}}\n"));
    fixed(
        &config(rules),
        &[("hr.yaml", &host("docker.io"))],
        &[("hr.yaml", &host("m.example.com/docker.io"))],
    );
}

/// A value that takes the place of what images are called by, and that all charts see, is counted, since
/// they are not judged.
#[test]
fn a_registry_before_whole_names_counts_as_not_read() {
    let hr = release("{chart: own}", "global: {registry: r.example.com}\n");
    let own = "agents:\n- name: own\n  images: [{image: acme.io/t/agent}]\n  charts:\n  - name: own\n    images: [{repository: {path: image.repository, default: acme.io/t/agent}, unless: global.registry}]\n";
    let folder = tempfile::tempdir().expect("a folder");
    write_files(
        folder.path(),
        &[("hr.yaml", &hr), ("restore-images.yaml", &config(own))],
    );
    let run = run_in_folder(folder.path(), &["check", "--verbose", "."], b"");
    let said = format!("{}{}", run.stderr, String::from_utf8_lossy(&run.stdout));
    let told = "hr.yaml:7:24: not read: r.example.com: the chart puts it before the names of images, which are not checked: look at what is rendered";
    assert_eq!(said.matches(told).count(), 1, "{said}");
}

/// What an annotation silences is counted and named, as it is for workloads.
#[test]
fn what_an_annotation_on_a_release_silences_is_counted() {
    let hr = release("{chart: datadog}", "registry: quay.io/acme/datadog\n").replace(
        "namespace: n}",
        "namespace: n, annotations: {restore-images.dev/ignore: frozen}}",
    );
    let folder = tempfile::tempdir().expect("a folder");
    write_files(
        folder.path(),
        &[
            ("hr.yaml", &hr),
            ("restore-images.yaml", &config("agents: [datadog]\n")),
        ],
    );
    let run = run_in_folder(folder.path(), &["check", "--format", "short", "."], b"");
    assert_eq!(run.code, 0, "{}", run.stderr);
    let said = String::from_utf8_lossy(&run.stdout);
    let told = "warning: HelmRelease n/r: left alone by annotation: frozen, which silences 2 errors: wrong-registry [ignored-resource]";
    assert_eq!(said.matches(told).count(), 1, "{said}");
    let run = run_in_folder(folder.path(), &["images", "--format", "csv", "."], b"");
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(
        !said.contains(",wrong,") && said.contains(",ignored,"),
        "{said}"
    );
}

/// What makes a name of an entry an expression is no secret.
#[test]
fn an_entry_is_told_by_its_whole_name() {
    let kustomization = "helmCharts:\n- name: c\n  valuesInline: {image: {repository: quay.io/acme/l, tag: v1}}\nimages:\n- {name: 'quay\\.io/(acme|foo)/.*', newTag: v2}\n";
    let folder = tempfile::tempdir().expect("a folder");
    write_files(
        folder.path(),
        &[
            ("kustomization.yaml", kustomization),
            (
                "restore-images.yaml",
                &config(
                    "registries: [{source: quay.io, mirror: m.example.com/quay, scope: all}]\n",
                ),
            ),
        ],
    );
    let run = run_in_folder(folder.path(), &["check", "--format", "short", "."], b"");
    let said = String::from_utf8_lossy(&run.stdout);
    let told = "the entry quay\\.io/(acme|foo)/.* of images in kustomization.yaml looks for it by this name: write `newName: m.example.com/quay/acme/l` there";
    assert!(said.contains(told), "{said}");
}

const DATADOG: &str = "agents: [datadog]\nregistries: [{source: registry.datadoghq.com/operator, mirror: m.example.com/dd/operator}]\n";

/// The tag of a chart's default is the chart's own: no list names another one.
#[test]
fn no_tag_is_invented_for_a_default_of_a_chart() {
    let folder = tempfile::tempdir().expect("a folder");
    let hr = release(
        "{chart: datadog}",
        "operator: {image: {repository: m.example.com/dd/operator}}\nimage: {repository: m.example.com/dd/operator, tag: v1}\n",
    );
    write_files(
        folder.path(),
        &[("hr.yaml", &hr), ("restore-images.yaml", &config(DATADOG))],
    );
    let run = run_in_folder(folder.path(), &["images", "--format", "skopeo", "."], b"");
    assert_text_eq(
        &String::from_utf8(run.stdout).expect("UTF-8"),
        "# skopeo sync --all --preserve-digests --src yaml --dest docker FILE m.example.com/dd\nregistry.datadoghq.com:\n  images:\n    operator:\n    - \"v1\"\n",
    );
    assert!(
        run.stderr.contains("hr.yaml:7: registry.datadoghq.com/operator: the chart chooses the tag, so it cannot be copied from here: set operator.image.tag, or list the images of the rendered chart\n"),
        "{}",
        run.stderr
    );
}

#[test]
fn what_is_not_copied_for_lack_of_a_tag_is_told() {
    let function = "apiVersion: restore-images.dev/v1alpha1\nkind: GenerateImages\nmetadata: {name: g}\nspec:\n  agents: [datadog]\n  registries: [{source: registry.datadoghq.com, mirror: m.example.com/dd}]\n  emit: [{mirrorSync: {image: quay.io/skopeo/stable:v1, schedule: \"0 4 * * *\"}}]\n";
    let folder = tempfile::tempdir().expect("a folder");
    write_files(folder.path(), &[("g.yaml", function)]);
    let input = release(
        "{chart: datadog, version: 3.240.0}",
        "agents: {image: {tag: 7.60.0}}\nregistry: m.example.com/dd\n",
    );
    let run = run_in_folder(folder.path(), &["g.yaml"], input.as_bytes());
    let told = "HelmRelease n/r: registry.datadoghq.com/cluster-agent: the chart chooses the tag, so it cannot be copied from here: set clusterAgent.image.tag, or list the images of the rendered chart [not-generated]\n";
    assert!(run.stderr.contains(told), "{}", run.stderr);
    let out = String::from_utf8(run.stdout).expect("UTF-8");
    assert!(out.contains("7.60.0") && !out.contains("latest"), "{out}");
}

/// The drawing says from, to, and the key to set.
#[test]
fn a_default_of_a_chart_is_told_with_the_key_to_set() {
    let folder = tempfile::tempdir().expect("a folder");
    let hr = release("{chart: datadog}", "datadog: {clusterName: c}\n");
    write_files(
        folder.path(),
        &[("hr.yaml", &hr), ("restore-images.yaml", &config(DATADOG))],
    );
    let run = run_in_folder(folder.path(), &["check", "."], b"");
    let out = String::from_utf8(run.stdout).expect("UTF-8");
    for told in [
        "error[wrong-registry]: the chart's default image does not come from the mirror: registry.datadoghq.com/operator → m.example.com/dd/operator\n",
        "set operator.image.repository: m.example.com/dd/operator\n",
    ] {
        assert!(out.contains(told), "{out}");
    }
}

/// A tag that is a number is told once, at the tag, with the files that make the image up.
#[test]
fn each_deciding_value_is_told_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a, namespace: argocd}\nspec:\n  source:\n    repoURL: https://git.example.com/r.git\n    path: c\n    helm:\n      valueFiles: [values-eu.yaml]\n      parameters:\n      - {name: image.registry, value: old.example.com}\n";
    write_files(
        folder.path(),
        &[
            ("c/Chart.yaml", "apiVersion: v2\nname: c\nversion: 0.1.0\n"),
            (
                "c/values.yaml",
                "image:\n  registry: docker.io\n  repository: grafana/alloy\n  tag: v1\n",
            ),
            ("c/values-eu.yaml", "image:\n  tag: 1.10\n"),
            ("app.yaml", app),
            (
                "restore-images.yaml",
                &config(
                    "agents: [grafana-alloy]\nregistries: [{source: docker.io, mirror: old.example.com, scope: all}, {source: quay.io, mirror: m.example.com}]\n",
                ),
            ),
        ],
    );
    let run = run_in_folder(folder.path(), &["check", "--format", "short", "."], b"");
    let out = String::from_utf8(run.stdout).expect("UTF-8");
    assert_eq!(out.matches("is a number").count(), 1, "{out}");
    assert!(out.contains("c/values-eu.yaml:2:8: "), "{out}");
    let run = run_in_folder(folder.path(), &["check", "."], b"");
    let out = String::from_utf8(run.stdout).expect("UTF-8");
    assert!(
        out.contains("= with: c/values.yaml, c/values-eu.yaml"),
        "{out}"
    );
}

/// A chart by the name of a profile's, and one whose profile does not name every image, count as not read.
#[test]
fn what_no_profile_names_counts_as_not_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let source = |url: &str| {
        format!(
            "apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata: {{name: v, namespace: n}}\nspec: {{url: {url}}}\n"
        )
    };
    let of = |chart: &str| {
        let chart = format!("{{chart: {chart}, sourceRef: {{kind: HelmRepository, name: v}}}}");
        release(&chart, "a: b\n")
    };
    let said = |hr: &str, url: &str| {
        write_files(
            folder.path(),
            &[
                ("hr.yaml", hr),
                ("source.yaml", &source(url)),
                (
                    "restore-images.yaml",
                    &config("agents: [grafana-alloy, groundcover]\nunmatchedAgents: ignore\n"),
                ),
            ],
        );
        let run = run_in_folder(folder.path(), &["check", "--verbose", "."], b"");
        assert_eq!(run.code, 0, "{}", run.stderr);
        format!("{}{}", run.stderr, String::from_utf8_lossy(&run.stdout))
    };
    let known = "https://grafana.github.io/helm-charts";
    let told = said(&of("alloy"), "https://charts.example.net");
    let line = "hr.yaml:5:25: not read: alloy: it is no chart of https://grafana.github.io/helm-charts: if it is one of grafana-alloy, its images are not checked\n";
    assert!(told.contains(line), "{told}");
    assert!(told.contains("1 not read"), "{told}");
    let told = said(&of("alloy"), known);
    assert!(!told.contains("not read"), "{told}");
    let told = said(&of("groundcover"), known);
    let line = "hr.yaml:5:25: not read: groundcover: the chart runs images that its profile does not name: `check --rendered` checks them\n";
    assert!(told.contains(line), "{told}");
}

/// A subchart whose profile does not name every image counts where it runs.
#[test]
fn what_no_profile_of_a_subchart_names_counts_as_not_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let own = "agents:\n- name: own\n  images: [{image: acme.io/t/agent}]\n  charts:\n  - name: own\n    images: [{repository: {path: image.repository, default: acme.io/t/agent}}]\n    subcharts:\n    - {chart: ui, enabledBy: {path: ui.enabled, default: \"false\"}}\n  - name: ui\n    partial: true\n    images: []\n";
    let told = |values: &str| {
        let files = [
            ("hr.yaml", &*release("{chart: own}", values)),
            ("restore-images.yaml", &config(own)),
        ];
        write_files(folder.path(), &files);
        let run = run_in_folder(folder.path(), &["check", "--verbose", "."], b"");
        let said = format!("{}{}", run.stderr, String::from_utf8_lossy(&run.stdout));
        let line = "not read: own: the chart runs images that its profile does not name";
        said.contains(line)
    };
    assert!(told("ui: {enabled: true}\n"));
    assert!(!told("ui: {enabled: false}\n"));
    assert!(!told("a: b\n"));
}

/// Values are no manifest, and are counted as images, whatever is written of one.
#[test]
fn values_have_a_role_of_their_own_and_are_counted() {
    let folder = tempfile::tempdir().expect("a folder");
    let hr = release("{chart: alloy}", "image: {registry: docker.io}\n");
    let files = [
        ("c/Chart.yaml", "apiVersion: v2\nname: c\nversion: 0.1.0\n"),
        (
            "c/values.yaml",
            "image: {repository: quay.io/acme/radio, tag: v1}\n",
        ),
        ("hr.yaml", &hr),
        (
            "restore-images.yaml",
            &config("agents: [datadog]\nunmatchedAgents: ignore\n"),
        ),
    ];
    write_files(folder.path(), &files);
    let run = run_in_folder(folder.path(), &["images", "--format", "csv", "."], b"");
    let out = String::from_utf8(run.stdout).expect("UTF-8");
    assert!(
        out.contains("c/values.yaml,1,21,") && out.contains(",other,values,,\n"),
        "{out}"
    );
    let run = run_in_folder(folder.path(), &["check", "."], b"");
    assert!(
        run.stderr.contains(", 1 image read")
            || String::from_utf8_lossy(&run.stdout).contains(", 1 image read"),
        "{}",
        run.stderr
    );
    let run = run_in_folder(folder.path(), &["explain", "c/values.yaml"], b"");
    let out = String::from_utf8(run.stdout).expect("UTF-8");
    assert!(out.contains("role    values\n"), "{out}");
}

/// An agent whose chart is installed runs, wherever its images come from.
#[test]
fn an_agent_whose_chart_is_installed_runs_somewhere() {
    let folder = tempfile::tempdir().expect("a folder");
    let hr = release(
        "{chart: wiz-sensor}",
        "image: {registry: \"old.example.com:5000\"}\n",
    );
    write_files(
        folder.path(),
        &[
            ("hr.yaml", &hr),
            ("restore-images.yaml", &config("agents: [wiz-sensor]\n")),
        ],
    );
    let run = run_in_folder(folder.path(), &["check", "."], b"");
    let out = format!("{}{}", run.stderr, String::from_utf8_lossy(&run.stdout));
    assert!(!out.contains("runs nowhere"), "{out}");
}

/// An image that others run, too, is an agent's beside one of its own alone, as where it is rendered.
#[test]
fn a_shared_image_alone_is_nobodys() {
    let rule = "agents: [kube-prometheus]\nregistries: [{source: registry.k8s.io, mirror: m.example.com/k8s}]\n";
    let input = release("{chart: kube-state-metrics}", "replicas: 1\n");
    check(
        &config(rule),
        &input,
        &input,
        "warning: HelmRelease n/r: registry.k8s.io/kube-state-metrics/kube-state-metrics stays, since others run it too and nothing ties it to kube-prometheus, for which it would be m.example.com/k8s/kube-state-metrics/kube-state-metrics: write `namespaces: [n]` for the agent kube-prometheus if it is its own [shared-image]\n",
    );
}

#[test]
fn explain_names_the_values_of_charts_that_have_an_image() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = run_in_folder(folder.path(), &["explain", "grafana/alloy"], b"");
    let out = String::from_utf8(run.stdout).expect("UTF-8");
    let told =
        "  values       image.registry, image.repository\n               of the chart alloy\n";
    assert!(out.contains(told), "{out}");
}

/// What Flux's image automation writes is left to it, and told.
#[test]
fn a_marker_of_image_automation_is_told() {
    let rules = "registries: [{source: quay.io, mirror: m.example.com, scope: all}]\n";
    let folder = tempfile::tempdir().expect("a folder");
    let text = release(
        "{chart: c}",
        "image: quay.io/acme/foo:v1 # {\"$imagepolicy\": \"n:p\"}\nside:\n  image:\n    repository: quay.io/acme/bar # {\"$imagepolicy\": \"n:q:name\"}\n    tag: v1\n",
    );
    write_files(
        folder.path(),
        &[("hr.yaml", &text), ("restore-images.yaml", &config(rules))],
    );
    let run = run_in_folder(folder.path(), &["check", "--format", "short", "."], b"");
    let said = String::from_utf8(run.stdout).expect("UTF-8");
    for (at, name, marker) in [("7:12", "foo", "n:p"), ("10:21", "bar", "n:q:name")] {
        let told = format!(
            "hr.yaml:{at}: warning: HelmRelease n/r: quay.io/acme/{name}:v1 → m.example.com/acme/{name}:v1 is left to Flux's image automation, which writes this field ({{\"$imagepolicy\": \"{marker}\"}}): change its ImagePolicy, or remove the marker [managed-elsewhere]\n"
        );
        assert!(said.contains(&told), "{said}");
    }
}

/// Two lists that are made at one place are told apart by their keys.
#[test]
fn a_list_that_is_made_is_named() {
    let rules = format!("{DATADOG}imagePullSecrets: [s]\n")
        .replace("registry.datadoghq.com/operator", "registry.datadoghq.com")
        .replace("m.example.com/dd/operator", "m.example.com/dd");
    let input = release(
        "{chart: datadog, version: 3.240.0}",
        "datadog: {apiKey: x, operator: {enabled: false}}\n",
    );
    let folder = tempfile::tempdir().expect("a folder");
    write_files(
        folder.path(),
        &[
            ("hr.yaml", &input),
            ("restore-images.yaml", &config(&rules)),
        ],
    );
    // The registry is one value of two images, before and after.
    for times in 0..2 {
        let run = run_in_folder(folder.path(), &["fix", "--format", "short", "."], b"");
        let said = String::from_utf8(run.stdout).expect("UTF-8");
        for key in ["agents", "clusterAgent"] {
            let told = format!("{key}.image.pullSecrets: (none) → [s] [missing-pull-secret]\n");
            assert_eq!(said.matches(&told).count(), 1 - times, "{said}");
        }
        assert!(said.contains("2 images read"), "{said}");
    }
}

/// Values that several releases have are one image of the inventory.
#[test]
fn an_image_is_listed_once() {
    let application = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\nspec:\n  source: {repoURL: https://git.example.com/r, path: charts/foo, helm: {valueFiles: [values-prod.yaml]}}\n";
    let folder = tempfile::tempdir().expect("a folder");
    write_files(
        folder.path(),
        &[
            ("app.yaml", application),
            (
                "charts/foo/Chart.yaml",
                "apiVersion: v2\nname: foo\nversion: 0.1.0\n",
            ),
            (
                "charts/foo/values.yaml",
                "image: {registry: quay.io, repository: acme/foo, tag: v1}\n",
            ),
            ("charts/foo/values-prod.yaml", "image: {tag: v1}\n"),
            (
                "restore-images.yaml",
                &config("registries: [{source: quay.io, mirror: m.example.com, scope: all}]\n"),
            ),
        ],
    );
    let run = run_in_folder(folder.path(), &["images", "--format", "csv", "."], b"");
    let listed = String::from_utf8(run.stdout).expect("UTF-8");
    assert_eq!(listed.matches("quay.io/acme/foo:v1").count(), 1, "{listed}");
}

/// The chart's name says whose it is, whatever its images are.
#[test]
fn init_proposes_the_agent_of_a_chart() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = release(
        "{chart: cloudzero-agent, version: 1.2.9}",
        "components: {agent: {image: {repository: m.example.com/cz/cloudzero-agent}}}\n",
    );
    write_files(folder.path(), &[("hr.yaml", &text)]);
    let run = run_in_folder(folder.path(), &["init", "."], b"");
    let proposed = String::from_utf8(run.stdout).expect("UTF-8");
    assert!(
        proposed.contains("  agents:\n  - cloudzero-agent # "),
        "{proposed}"
    );
}

/// The values of a chart are judged; what its templates make of them is not.
#[test]
fn what_a_chart_makes_beyond_its_values_is_not_read() {
    let folder = tempfile::tempdir().expect("a folder");
    write_files(
        folder.path(),
        &[
            (
                "kustomization.yaml",
                "helmCharts:\n- name: foo\n  repo: https://charts.example.com\n  valuesInline: {image: {repository: m.example.com/a/b, tag: v1}}\n",
            ),
            (
                "restore-images.yaml",
                &config("registries: [{source: quay.io, mirror: m.example.com, scope: all}]\n"),
            ),
        ],
    );
    let run = run_in_folder(
        folder.path(),
        &["check", "--format", "short", "--verbose", "."],
        b"",
    );
    let said = String::from_utf8(run.stdout).expect("UTF-8");
    let told = "what `helmCharts` makes beyond the images in its values is not read, and so its images are not checked in kustomization.yaml: `check --rendered` does it [unread-source]\n";
    assert!(said.contains(told), "{said}");
    assert!(said.contains("1 image read"), "{said}");
}

/// A file that Argo CD reads one value of is named where that value may be part of an image.
#[test]
fn a_file_parameter_is_told() {
    let rules =
        "agents: [cloudzero-agent]\nregistries: [{source: ghcr.io, mirror: m.example.com/ghcr}]\n";
    let app = |name: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: a}}\nspec:\n  source:\n    chart: cloudzero-agent\n    repoURL: https://cloudzero.github.io/cloudzero-charts\n    targetRevision: 1.2.13\n    helm:\n      valuesObject:\n        components: {{agent: {{image: {{repository: ghcr.io/cloudzero/cloudzero-agent/cloudzero-agent}}}}}}\n      fileParameters: [{{name: {name}, path: own/name.txt}}]\n"
        )
    };
    let told = "ghcr.io/cloudzero/cloudzero-agent/cloudzero-agent → m.example.com/ghcr/cloudzero/cloudzero-agent/cloudzero-agent is not written: a part of it may be in values that were not read (own/name.txt): write its name in values that win over these, or look at what is rendered [unresolved-image]";
    let input = app("components.agent.image.repository");
    let (text, said) = restored(&config(rules), &input);
    assert_text_eq(&text, &input);
    assert_eq!(said.matches(told).count(), 1, "{said}");
    // What is no image's changes none.
    let (text, _) = restored(&config(rules), &app("apiKey"));
    let name = "repository: ghcr.io/cloudzero";
    assert_text_eq(
        &text,
        &app("apiKey").replace(name, "repository: m.example.com/ghcr/cloudzero"),
    );
}

/// Argo CD takes only the parameters of a generator within another, so a template there says nothing of
/// the chart: it stays, and its images are counted as not read.
#[test]
fn a_template_of_a_generator_within_another_is_counted() {
    let template = "template: {spec: {source: {helm: {valuesObject: {components: {agent: {image: {repository: ghcr.io/cloudzero/cloudzero-agent/cloudzero-agent, tag: 1.2.13}}}}}}}}";
    let set = |generators: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: a}}\nspec:\n  generators:\n{generators}  template:\n    spec:\n      source: {{chart: cloudzero-agent, repoURL: https://cloudzero.github.io/cloudzero-charts, targetRevision: 1.2.13, helm: {{}}}}\n"
        )
    };
    let rules =
        "agents: [cloudzero-agent]\nregistries: [{source: ghcr.io, mirror: m.example.com/ghcr}]\n";
    let moved = |text: &str| {
        text.replace(
            "repository: ghcr.io/cloudzero",
            "repository: m.example.com/ghcr/cloudzero",
        )
    };
    let own = set(&format!("  - list: {{elements: [{{a: b}}], {template}}}\n"));
    assert!(
        restored(&config(rules), &own)
            .0
            .starts_with(&moved(&own)[..400])
    );
    for outer in ["matrix", "merge"] {
        let nested = set(&format!(
            "  - {outer}:\n      generators:\n      - list: {{elements: [{{a: b}}], {template}}}\n      - list: {{elements: [{{c: d}}]}}\n"
        ));
        let folder = tempfile::tempdir().expect("a folder");
        write_files(
            folder.path(),
            &[
                ("set.yaml", &nested),
                ("restore-images.yaml", &config(rules)),
            ],
        );
        let run = run_in_folder(folder.path(), &["check", "--verbose", "."], b"");
        let told = "set.yaml:8:126: not read: ghcr.io/cloudzero/cloudzero-agent/cloudzero-agent";
        assert!(run.stderr.contains(told), "{}", run.stderr);
        let (text, _) = restored(&config(rules), &nested);
        assert!(text.contains(template), "{text}");
    }
}

/// An entry of `files.values` that fits nothing says so, where all files are given.
#[test]
fn an_entry_that_no_file_or_chart_fits() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let values = "registry: registry.example.com/datadog\nagents: {image: {tag: 7.66.1}}\n";
    write_files(folder, &[("values/datadog.yaml", values)]);
    let told = |entry: &str, paths: &[&str]| {
        let rules = format!(
            "agents: [{{profile: datadog, unmatched: ignore}}]\nfiles: {{values: [{entry}]}}\n"
        );
        write_files(folder, &[("restore-images.yaml", &config(&rules))]);
        let arguments = [&["check", "--format", "short"], paths].concat();
        let run = run_in_folder(folder, &arguments, b"");
        let said = String::from_utf8(run.stdout).expect("UTF-8") + &run.stderr;
        let lines = said
            .lines()
            .filter(|line| line.contains("[unmatched-values-file]"));
        lines.map(|line| format!("{line}\n")).collect::<String>()
    };
    assert_text_eq(
        &told("{path: values/datadog.yaml, chart: datadog}", &["."]),
        "",
    );
    assert_text_eq(&told("{path: 'values/*', chart: own}", &["."]), "");
    for (entry, message) in [
        (
            "{path: valuess/datadog.yaml, chart: datadog}",
            "6:27: warning: `valuess/datadog.yaml` under files.values is no file here: correct or remove it (or set unmatchedAgents to ignore)",
        ),
        (
            "{path: values, chart: datadog}",
            "6:27: warning: `values` under files.values is a folder: write `values/*` (or set unmatchedAgents to ignore)",
        ),
        (
            "{path: values/datadog.yaml, chart: datadgo}",
            "6:55: warning: no agent's profile knows the chart `datadgo` of files.values, so that its images are found by their shape alone: did you mean `datadog`? (or set unmatchedAgents to ignore)",
        ),
    ] {
        let message = format!("restore-images.yaml:{message} [unmatched-values-file]\n");
        assert_text_eq(&told(entry, &["."]), &message);
        assert_text_eq(&told(entry, &["values"]), "");
    }
}

/// What becomes of the tag is told, though the name cannot be written.
#[test]
fn a_tag_beside_a_name_that_stays() {
    let rules = "agents: [realtheory-collector]\nregistries: [{source: docker.io, mirror: m.example.com/hub}]\n";
    let values = |tag: &str| {
        format!(
            "image:\n  repository: realtheory/theory-k8s-collector\n  tag: {tag}\n  pullPolicy: Always\n"
        )
    };
    check(
        &config(rules),
        &release("{chart: c}", &values("v1.3.11836")),
        &release("{chart: c}", &values("latest")),
        "info: HelmRelease n/r: tag v1.3.11836 keeps the agent from upgrading itself: realtheory/theory-k8s-collector:v1.3.11836 → realtheory/theory-k8s-collector:latest [pinned-tag]\nwarning: HelmRelease n/r: realtheory/theory-k8s-collector:v1.3.11836 → m.example.com/hub/realtheory/theory-k8s-collector is not written: the chart may put a registry of its own before it: write the registry, too [unresolved-image]\n",
    );
}

/// The summary counts images, and not what is written for them: lists of pull secrets, and one value of
/// several images.
#[test]
fn restored_images_are_counted() {
    let cloudzero = "agents: [cloudzero-agent]\nregistries: [{source: ghcr.io, mirror: m.example.com/ghcr}, {source: quay.io, mirror: m.example.com/quay}, {source: registry.k8s.io, mirror: m.example.com/k8s}]\nimagePullSecrets: [s]\n";
    let datadog = "agents: [datadog]\nregistries: [{source: gcr.io, mirror: m.example.com/gcr}]\n";
    for (rules, chart, values, count) in [
        (
            cloudzero,
            "{chart: cloudzero-agent, version: 1.2.13}",
            "clusterName: x\n",
            "3 images restored",
        ),
        (
            datadog,
            "{chart: datadog}",
            "registry: gcr.io/datadoghq\ndatadog: {operator: {enabled: false}}\n",
            "2 images restored",
        ),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let files = [
            ("hr.yaml", release(chart, values)),
            ("restore-images.yaml", config(rules)),
        ];
        let files = files.each_ref().map(|(path, text)| (*path, &**text));
        write_files(folder.path(), &files);
        let diff = run_in_folder(folder.path(), &["fix", "--diff", "."], b"");
        let would = count.replace("restored", "would be restored in 1 file");
        assert!(diff.stderr.contains(&would), "{}", diff.stderr);
        let run = run_in_folder(folder.path(), &["fix", "--format", "json", "."], b"");
        let report: serde_json::Value = serde_json::from_slice(&run.stdout).expect("JSON");
        assert_eq!(
            format!("{} images restored", report["summary"]["images"]),
            count,
            "{report}"
        );
    }
}

/// The chart takes the registry of its site, so that a rule for another one leaves an image outside.
#[test]
fn a_default_from_a_registry_that_no_rule_maps_is_told() {
    let rules =
        "agents: [datadog]\nregistries: [{source: gcr.io/datadoghq, mirror: m.example/dd}]\n";
    let input = release(
        "{chart: datadog, version: 3.150.0}",
        "datadog: {site: datadoghq.eu}\nagents: {image: {repository: m.example/dd/agent}}\n",
    );
    check(
        &config(rules),
        &input,
        &input,
        "warning: HelmRelease n/r: eu.gcr.io/datadoghq/cluster-agent comes from eu.gcr.io, which no rule maps, while gcr.io/datadoghq/cluster-agent goes to m.example/dd/cluster-agent by the rule gcr.io/datadoghq → m.example/dd: write m.example/dd/cluster-agent, or add a rule with `source: eu.gcr.io`, and the same `mirror` if it may stay there [unmapped-registry]\n",
    );
}

/// A pull policy is made in one file for an image that another file names: it is told where it is made.
#[test]
fn a_policy_in_another_file_than_its_image() {
    let rules = "agents:\n- name: acme\n  images: [{image: 'registry.k8s.io/acme2/agent2:latest', imagePullPolicy: Always}]\n  charts: [{name: acmechart, images: [{repository: {path: comp2.repository}, imagePullPolicy: comp2.pullPolicy}]}]\n";
    let fleet = "helm: {chart: acmechart}\ntargetCustomizations:\n- helm:\n    values: {comp2: {repository: registry.k8s.io/acme2/agent2}}\n    valuesFiles: [tv.yaml]\n";
    for (before, after) in [
        ("", "comp2:\n  pullPolicy: Always\n"),
        ("zz: b\n", "zz: b\ncomp2:\n  pullPolicy: Always\n"),
    ] {
        fixed(
            &config(rules),
            &[("fleet.yaml", fleet), ("tv.yaml", before)],
            &[("tv.yaml", after)],
        );
    }
}

/// What no value sets gets no pull policy of its own, which is counted, and not clean.
#[test]
fn a_policy_of_a_default_is_counted_as_not_read() {
    let own = "agents:\n- name: own\n  images: [{image: acme.io/t/agent, imagePullPolicy: Always}]\n  charts:\n  - name: own\n    images: [{repository: {path: image.repository, default: acme.io/t/agent}, imagePullPolicy: image.pullPolicy}]\n";
    let folder = tempfile::tempdir().expect("a folder");
    write_files(
        folder.path(),
        &[
            ("hr.yaml", &release("{chart: own}", "a: 1\n")),
            ("restore-images.yaml", &config(own)),
        ],
    );
    let run = run_in_folder(folder.path(), &["check", "--verbose", "."], b"");
    let said = format!("{}{}", run.stderr, String::from_utf8_lossy(&run.stdout));
    let told = "no value sets it, so that no pull policy is made for it, which should be Always: write its name";
    assert_eq!(said.matches(told).count(), 1, "{said}");
    assert!(said.contains("0 images read, 1 not read"), "{said}");
}

/// The default of a tag is what runs, and nothing to be made.
#[test]
fn a_default_of_a_tag_is_no_place_for_one() {
    let own = "agents:\n- name: own\n  images: [{image: quay.io/acme0/agent0, tag: keep}]\n  charts:\n  - name: own\n    images:\n    - registry: {path: x.registry, default: quay.io}\n      repository: {path: x.name, default: acme0/agent0}\n      tag: {path: x.tag, default: v1.8}\nregistries: [{source: quay.io, mirror: m.example.com/quay}]\n";
    fixed(
        &config(own),
        &[("hr.yaml", &release("{chart: own}", "z: 1\n"))],
        &[(
            "hr.yaml",
            &release(
                "{chart: own}",
                "z: 1\nx:\n  registry: m.example.com/quay\n  name: acme0/agent0\n",
            ),
        )],
    );
}

/// Where the chart may put a registry before a name, the key that holds it is named.
#[test]
fn the_key_of_a_registry_is_named() {
    let rules =
        "agents: [datadog]\nregistries: [{source: registry.datadoghq.com, mirror: m.example/dd}]\n";
    let input = release(
        "{chart: datadog, version: 3.190.x}",
        "operator: {enabled: false}\n",
    );
    let (_, told) = restored(&config(rules), &input);
    let line = "warning: HelmRelease n/r: registry.datadoghq.com/agent → m.example/dd/agent is not written: the chart may put a registry of its own before it: write the registry, too, with `registry: m.example/dd` [unresolved-image]\n";
    assert_eq!(told.matches(line).count(), 1, "{told}");
}

/// Under a declared mirror, another path is a mistake, and no mirror of its own.
#[test]
fn a_wrong_path_on_a_declared_mirror_is_not_to_be_declared() {
    let rules =
        "agents: [cloudzero-agent]\nregistries: [{source: ghcr.io, mirror: m.example/ghcr}]\n";
    let input = release(
        "{chart: cloudzero-agent, version: 1.2.9}",
        "components: {agent: {image: {repository: m.example/ghcr/cloudzero/cloudzero-agent}}}\n",
    );
    let (_, told) = restored(&config(rules), &input);
    let line = "the rule ghcr.io → m.example/ghcr leads to m.example/ghcr/cloudzero/cloudzero-agent/cloudzero-agent: write that, or allow it by an exception [undeclared-mirror]\n";
    assert_eq!(told.matches(line).count(), 1, "{told}");
}
