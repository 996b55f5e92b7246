//! Layers of values of which a part is somewhere else: in a chart of the tree, in a text that says
//! nothing, in one that nobody knows, or in one that is another in each environment.

use std::fs;

use super::{config, fixed, warnings, write_files};
use crate::support::{assert_text_eq, run_in_folder};

const ALL: &str = "\
registries:
- {source: quay.io, mirror: m.example.com/quay, scope: all}
- {source: ghcr.io, mirror: m.example.com/ghcr, scope: all}
";

/// A rule for an owner, which moves a registry and a path together.
const OWNER: &str = "registries: [{source: docker.io/acme, mirror: m.example.com/x, scope: all}]\n";

const AGENT: &str = "\
agents: [cloudzero-agent]
registries: [{source: ghcr.io/cloudzero/cloudzero-agent, mirror: m.example.com/cz}]
";

const RELEASE: &str = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: r, namespace: n}\nspec:\n";
const UNKNOWN_CHART: &str = "  chart: {spec: {chart: foo}}\n";
const OWN_CHART: &str = "  chart: {spec: {chart: cloudzero-agent, version: 1.2.9}}\n";
const OF_AGENT: &str = "  chart: cloudzero-agent\n  version: 1.2.9\n";
const K3S: &str = "apiVersion: helm.cattle.io/v1\nkind: HelmChart\nmetadata: {name: cz, namespace: kube-system}\nspec:\n";

/// Nothing is written, and `check` says this, as warnings of a first `fix`.
#[track_caller]
fn left(rules: &str, files: &[(&str, &str)], told: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    write_files(folder, files);
    let rules = config(rules);
    write_files(folder, &[("restore-images.yaml", &rules)]);
    assert_text_eq(&warnings(folder), told);
    for (path, text) in files {
        let found = fs::read_to_string(folder.join(path)).expect("a file");
        assert_text_eq(&found, text);
    }
    let run = run_in_folder(folder, &["check", "."], b"");
    assert_eq!(run.code, i32::from(!told.is_empty()), "{}", run.stderr);
}

const CHART: &str = "apiVersion: v2\nname: foo\nversion: 0.1.0\n";
const VALUES: &str = "image: {registry: docker.io, repository: acme/foo, tag: v1}\n";

/// What installs a chart of the tree, and says another registry than the chart's own.
#[track_caller]
fn installs(path: &str, text: &str) {
    let files = [
        ("charts/foo/Chart.yaml", CHART),
        ("charts/foo/values.yaml", VALUES),
        (path, text),
    ];
    let why = "charts/foo/values.yaml:1:42: warning: docker.io/acme/foo:v1 → m.example.com/x/foo:v1 is not written: image.repository is part of quay.io/acme/foo:v1, too, which should be otherwise: give them values of their own [unresolved-image]\n";
    left(OWNER, &files, why);
}

#[test]
fn a_chart_of_the_tree_below_a_helm_release() {
    let of = "  chart: {spec: {chart: ./charts/foo, sourceRef: {kind: GitRepository, name: g}}}\n";
    installs(
        "hr.yaml",
        &format!("{RELEASE}{of}  values: {{image: {{registry: quay.io}}}}\n"),
    );
}

#[test]
fn a_chart_of_the_tree_below_a_kustomization() {
    installs(
        "kustomization.yaml",
        "helmCharts:\n- name: foo\n  releaseName: r\n  valuesInline: {image: {registry: quay.io}}\n",
    );
}

#[test]
fn a_chart_of_the_tree_below_a_bundle_of_fleet() {
    installs(
        "fleet.yaml",
        "helm:\n  chart: ./charts/foo\n  values: {image: {registry: quay.io}}\n",
    );
}

#[test]
fn a_chart_of_the_tree_below_the_chart_that_brings_it() {
    let parent = "apiVersion: v2\nname: parent\nversion: 0.1.0\n";
    let sub = "s: {image: {registry: quay.io}}\n";
    let file = "dependencies: [{name: foo, version: 0.1.0, repository: 'file://../charts/foo', alias: s}]\n";
    let why = "charts/foo/values.yaml:1:42: warning: docker.io/acme/foo:v1 → m.example.com/x/foo:v1 is not written: image.repository is part of quay.io/acme/foo:v1, too, which should be otherwise: give them values of their own [unresolved-image]\n";
    left(
        OWNER,
        &[
            ("charts/foo/Chart.yaml", CHART),
            ("charts/foo/values.yaml", VALUES),
            ("parent/Chart.yaml", &format!("{parent}{file}")),
            ("parent/values.yaml", sub),
        ],
        why,
    );
    left(
        OWNER,
        &[
            ("parent/Chart.yaml", parent),
            ("parent/values.yaml", "foo: {image: {registry: quay.io}}\n"),
            ("parent/charts/foo/Chart.yaml", CHART),
            ("parent/charts/foo/values.yaml", VALUES),
        ],
        &why.replace("charts/", "parent/charts/"),
    );
}

/// A registry that a release says decides for the repository of the chart's own values.
#[test]
fn a_registry_above_a_chart_of_the_tree() {
    let of = "  chart: {spec: {chart: ./charts/foo, sourceRef: {kind: GitRepository, name: g}}}\n";
    let with =
        |registry: &str| format!("{RELEASE}{of}  values: {{image: {{registry: {registry}}}}}\n");
    fixed(
        &config(ALL),
        &[
            ("charts/foo/Chart.yaml", CHART),
            ("charts/foo/values.yaml", VALUES),
            ("hr.yaml", &with("quay.io")),
        ],
        &[("hr.yaml", &with("m.example.com/quay"))],
    );
}

/// What the agent's default would have to become, told where there is no text to write it in.
#[track_caller]
fn nowhere(files: &[(&str, &str)], place: &str, key: &str) {
    let told = format!(
        "{place}ghcr.io/cloudzero/cloudzero-agent/cloudzero-agent → m.example.com/cz/cloudzero-agent is not written: no values for it are in the files that were read: write them, with `{key}components.agent.image.repository: m.example.com/cz/cloudzero-agent` [unresolved-image]\n"
    );
    left(AGENT, files, &told);
}

/// What the rule makes of a text that says nothing.
const MADE: &str =
    "components:\n  agent:\n    image:\n      repository: m.example.com/cz/cloudzero-agent\n";

/// The made values as lines of a literal block.
fn made(indent: usize) -> String {
    let lines = MADE.lines();
    lines
        .map(|line| format!("{:indent$}{line}\n", ""))
        .collect()
}

#[test]
fn a_chart_of_k3s_without_values() {
    let block = made(4);
    let header = format!("  valuesContent: |\n{block}");
    for (values, becomes) in [
        ("", header.clone()),
        ("  valuesContent:\n", header.clone()),
        ("  valuesContent: ''\n", header.clone()),
        (
            "  valuesContent: \"{}\" # none\n",
            header.replace('|', "| # none"),
        ),
        ("  valuesContent: |\n", header.clone()),
        (
            "  valuesContent: |-\n    # none\n",
            format!("  valuesContent: |-\n    # none\n{block}"),
        ),
    ] {
        let text = format!("{K3S}{OF_AGENT}{values}");
        let new = format!("{K3S}{OF_AGENT}{becomes}");
        fixed(&config(AGENT), &[("a.yaml", &text)], &[("a.yaml", &new)]);
    }
    // In braces, a text of several lines is one in quotes.
    let json = |more: &str| {
        format!(
            "{{\"apiVersion\": \"helm.cattle.io/v1\", \"kind\": \"HelmChart\", \"metadata\": {{\"name\": \"cz\"}}, \"spec\": {{\"chart\": \"cloudzero-agent\"{more}}}}}\n"
        )
    };
    let quoted = MADE.replace('\n', "\\n");
    let new = json(&format!(", \"valuesContent\": \"{quoted}\""));
    for more in ["", ", \"valuesContent\": \"\""] {
        fixed(
            &config(AGENT),
            &[("a.json", &json(more))],
            &[("a.json", &new)],
        );
    }
}

#[test]
fn an_application_whose_values_say_nothing() {
    let with = |values: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: a}}\nspec:\n  source:\n    chart: cloudzero-agent\n    repoURL: https://cloudzero.github.io/cloudzero-charts\n    targetRevision: 1.2.9\n    helm:\n      values: {values}      releaseName: x\n"
        )
    };
    let block = made(8);
    for (values, becomes) in [
        ("|\n        # none\n", format!("|\n        # none\n{block}")),
        ("\"\"\n", format!("|\n{block}")),
        ("''\r\n", format!("|\r\n{}", block.replace('\n', "\r\n"))),
        ("|\n", format!("|\n{block}")),
        // Several keys that are the first ones in braces of a text in quotes.
        (
            "'{components: {}}'\n",
            "'{components: {agent: {image: {repository: m.example.com/cz/cloudzero-agent}}}}'\n"
                .to_owned(),
        ),
    ] {
        fixed(
            &config(AGENT),
            &[("a.yaml", &with(values))],
            &[("a.yaml", &with(&becomes))],
        );
    }
    // An anchor shares the text.
    let shared = with("&none ''\n");
    left(
        AGENT,
        &[("a.yaml", &shared)],
        "a.yaml:10:22: warning: Application a: ghcr.io/cloudzero/cloudzero-agent/cloudzero-agent → m.example.com/cz/cloudzero-agent is not written: `values` is text, and has a tag, an anchor or a merge key: write the text as a literal block, with `|` [unresolved-image]\n",
    );
}

#[test]
fn a_chart_that_brings_an_agent_and_has_no_values() {
    let chart = "apiVersion: v2\nname: u\nversion: 0.1.0\ndependencies:\n- {name: cloudzero-agent, version: 1.2.9, repository: 'https://cloudzero.github.io/cloudzero-charts'}\n";
    let place = "u/Chart.yaml:1:1: warning: ";
    nowhere(&[("u/Chart.yaml", chart)], place, "cloudzero-agent.");
    let values = "# none\ncloudzero-agent:\n  components:\n    agent:\n      image:\n        repository: m.example.com/cz/cloudzero-agent\n";
    fixed(
        &config(AGENT),
        &[("u/Chart.yaml", chart), ("u/values.yaml", "# none\n")],
        &[("u/values.yaml", values)],
    );
    // An Application installs it, and has a place.
    let application = |helm: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: a}}\nspec:\n  source:\n    path: u\n    repoURL: https://git.example.com/r.git\n    helm: {{releaseName: x{helm}}}\n"
        )
    };
    fixed(
        &config(AGENT),
        &[("u/Chart.yaml", chart), ("a.yaml", &application(""))],
        &[(
            "a.yaml",
            &application(
                ", valuesObject: {cloudzero-agent: {components: {agent: {image: {repository: m.example.com/cz/cloudzero-agent}}}}}",
            ),
        )],
    );
}

/// The pattern means the configuration, too, which is no values.
#[test]
fn a_file_of_comments_that_the_configuration_names() {
    let rules = format!("{AGENT}files: {{values: [{{path: '*.yaml', chart: cloudzero-agent}}]}}\n");
    fixed(
        &config(&rules),
        &[
            ("v.yaml", "# none"),
            ("w.yaml", ""),
            ("x.yaml", "---\n# none\n"),
        ],
        &[
            ("v.yaml", &format!("# none\n{}", MADE.trim_end())),
            ("w.yaml", MADE),
            ("x.yaml", &format!("---\n# none\n{MADE}")),
        ],
    );
    // What is written there is no place for keys.
    left(
        &rules,
        &[("v.yaml", "null\n")],
        "v.yaml:1:1: warning: ghcr.io/cloudzero/cloudzero-agent/cloudzero-agent → m.example.com/cz/cloudzero-agent is not written: no values for it are in the files that were read: write them, with `components.agent.image.repository: m.example.com/cz/cloudzero-agent` [unresolved-image]\n",
    );
}

/// With `replace`, inline values are all there is; without any, kustomize reads the file.
#[test]
fn a_values_file_that_is_replaced() {
    let with = |inline: &str| {
        format!(
            "helmCharts:\n- name: cloudzero-agent\n  version: 1.2.9\n  valuesMerge: replace\n  valuesFile: v.yaml\n{inline}"
        )
    };
    let values = |repository: &str| {
        format!("components: {{agent: {{image: {{repository: {repository}}}}}}}\n")
    };
    let official = values("ghcr.io/cloudzero/cloudzero-agent/cloudzero-agent");
    fixed(
        &config(AGENT),
        &[("kustomization.yaml", &with("")), ("v.yaml", &official)],
        &[("v.yaml", &values("m.example.com/cz/cloudzero-agent"))],
    );
    fixed(
        &config(AGENT),
        &[
            (
                "kustomization.yaml",
                &with("  valuesInline:\n    clusterName: a\n"),
            ),
            ("v.yaml", &official),
        ],
        &[(
            "kustomization.yaml",
            &with(
                "  valuesInline:\n    clusterName: a\n    components:\n      agent:\n        image:\n          repository: m.example.com/cz/cloudzero-agent\n",
            ),
        )],
    );
}

/// A Secret at one path hides nothing else.
#[test]
fn a_secret_at_one_path() {
    let with = |registry: &str| {
        format!(
            "{RELEASE}{UNKNOWN_CHART}  valuesFrom: [{{kind: Secret, name: s, targetPath: apiKey}}]\n  values: {{image: {{repository: {registry}/acme/foo, tag: v1}}}}\n"
        )
    };
    let (before, after) = (with("quay.io"), with("m.example.com/quay"));
    fixed(
        &config(ALL),
        &[("hr.yaml", &before)],
        &[("hr.yaml", &after)],
    );
    let at_image = before.replace("apiKey", "image");
    left(
        ALL,
        &[("hr.yaml", &at_image)],
        "hr.yaml:7:32: warning: HelmRelease n/r: quay.io/acme/foo:v1 → m.example.com/quay/acme/foo is not written: a part of it may be in values that were not read (Secret s): write its name in values that win over these, or look at what is rendered [unresolved-image]\n",
    );
}

/// A Secret below may say what is absent: a digest, but not the name.
#[test]
fn a_secret_below_a_whole_name() {
    let with = |registry: &str| {
        format!(
            "{RELEASE}{UNKNOWN_CHART}  valuesFrom: [{{kind: Secret, name: s}}]\n  values:\n    image: {{registry: {registry}, repository: acme/foo, tag: v1}}\n    sideImage: {registry}/acme/side:v1\n"
        )
    };
    fixed(
        &config(ALL),
        &[("hr.yaml", &with("quay.io"))],
        &[("hr.yaml", &with("m.example.com/quay"))],
    );
}

#[test]
fn a_file_below_one_that_is_not_known() {
    left(
        ALL,
        &[
            (
                "a.yaml",
                "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: a}\nspec:\n  template:\n    spec:\n      sources:\n      - {repoURL: https://git.example.com/r.git, ref: v}\n      - chart: bar\n        repoURL: https://charts.example.com\n        helm: {valueFiles: [$v/base.yaml, '$v/envs/{{env}}.yaml']}\n",
            ),
            (
                "base.yaml",
                "image: {repository: quay.io/acme/foo, tag: v1}\n",
            ),
        ],
        "base.yaml:1:21: warning: ApplicationSet a: quay.io/acme/foo:v1 → m.example.com/quay/acme/foo is not written: a part of it may be in values that were not read (envs/{{env}}.yaml): write its name in values that win over these, or look at what is rendered [unresolved-image]\n",
    );
}

/// `--set` takes the place of a list, so that nothing can be added to it in values.
#[test]
fn a_parameter_that_is_part_of_a_list() {
    let with = |image: &str, values: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: a}}\nspec:\n  source:\n    chart: cloudzero-agent\n    repoURL: https://cloudzero.github.io/cloudzero-charts\n    targetRevision: 1.2.9\n    helm:\n      parameters:\n      - {{name: components.agent.image.repository, value: {image}}}\n      - {{name: 'defaults.image.pullSecrets[0].name', value: other}}\n      - {{name: 'imagePullSecrets[0].name', value: other}}\n{values}"
        )
    };
    let folder = tempfile::tempdir().expect("a folder");
    let rules = config(&format!("{AGENT}imagePullSecrets: [s]\n"));
    let before = with("ghcr.io/cloudzero/cloudzero-agent/cloudzero-agent", "");
    write_files(
        folder.path(),
        &[("a.yaml", &before), ("restore-images.yaml", &rules)],
    );
    let run = run_in_folder(folder.path(), &["fix", "--format", "short", "."], b"");
    assert_eq!(run.code, 1);
    let said = String::from_utf8(run.stdout).expect("UTF-8");
    let told = "a.yaml:11:58: warning: Application a: ghcr.io/cloudzero/cloudzero-agent/cloudzero-agent needs the pull secret s, and its list may be in values that were not read: look whether it is there [unresolved-image]";
    assert!(said.lines().any(|line| line == told), "{said}");
    let found = fs::read_to_string(folder.path().join("a.yaml")).expect("a file");
    assert_text_eq(&found, &with("m.example.com/cz/cloudzero-agent", ""));
}

/// kustomize counts the paths in a generator from the kustomization that names it.
#[test]
fn a_generator_in_a_folder_of_its_own() {
    let values = |registry: &str| format!("image: {{repository: {registry}/acme/foo, tag: v1}}\n");
    fixed(
        &config(ALL),
        &[
            ("kustomization.yaml", "generators: [gen/g.yaml]\n"),
            (
                "gen/g.yaml",
                "apiVersion: builtin\nkind: HelmChartInflationGenerator\nmetadata: {name: x}\nname: foo\nvaluesFile: v.yaml\n",
            ),
            ("v.yaml", &values("quay.io")),
            ("gen/v.yaml", &values("quay.io")),
        ],
        &[("v.yaml", &values("m.example.com/quay"))],
    );
}

#[test]
fn a_chart_that_is_switched_off() {
    let chart = "apiVersion: v2\nname: u\nversion: 0.1.0\ndependencies:\n- {name: cloudzero-agent, version: 1.2.9, repository: 'https://cloudzero.github.io/cloudzero-charts', condition: cz.enabled, alias: cz}\n";
    left(
        AGENT,
        &[
            ("u/Chart.yaml", chart),
            ("u/values.yaml", "cz: {enabled: false}\n"),
        ],
        "",
    );
    fixed(
        &config(AGENT),
        &[
            ("u/Chart.yaml", chart),
            ("u/values.yaml", "cz: {enabled: true}\n"),
        ],
        &[(
            "u/values.yaml",
            "cz: {enabled: true, components: {agent: {image: {repository: m.example.com/cz/cloudzero-agent}}}}\n",
        )],
    );
}

/// A text of comments, or a file that may be missing, says nothing.
#[test]
fn what_says_nothing_hides_nothing() {
    let made = "  values:\n    components:\n      agent:\n        image:\n          repository: m.example.com/cz/cloudzero-agent\n";
    let with = |values: &str| {
        format!(
            "{RELEASE}{OWN_CHART}  valuesFrom: [{{kind: ConfigMap, name: x}}]\n{values}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: x, namespace: n}}\ndata:\n  values.yaml: |\n    # none\n"
        )
    };
    fixed(
        &config(AGENT),
        &[("hr.yaml", &with(""))],
        &[("hr.yaml", &with(made))],
    );
    let application = |values: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: a}}\nspec:\n  sources:\n  - {{repoURL: https://git.example.com/r.git, ref: v}}\n  - chart: cloudzero-agent\n    repoURL: https://cloudzero.github.io/cloudzero-charts\n    targetRevision: 1.2.9\n    helm:\n      ignoreMissingValueFiles: true\n      valueFiles: [$v/a.yaml, $v/missing.yaml]\n{values}"
        )
    };
    fixed(
        &config(AGENT),
        &[
            ("app.yaml", &application("")),
            ("a.yaml", "clusterName: a\n"),
        ],
        &[(
            "app.yaml",
            &application(
                "      valuesObject:\n        components:\n          agent:\n            image:\n              repository: m.example.com/cz/cloudzero-agent\n",
            ),
        )],
    );
}

/// A key of any name, if a release wants it.
#[test]
fn a_key_of_a_config_map_of_any_name() {
    let with = |registry: &str| {
        format!(
            "{RELEASE}{UNKNOWN_CHART}  valuesFrom: [{{kind: ConfigMap, name: x, valuesKey: prod}}]\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: x, namespace: n}}\ndata:\n  prod: '{{\"image\": {{\"repository\": \"{registry}/acme/foo\", \"tag\": \"v1\"}}}}'\n  other: |\n    image: {{repository: quay.io/acme/foo, tag: v1}}\n"
        )
    };
    fixed(
        &config(ALL),
        &[("hr.yaml", &with("quay.io"))],
        &[("hr.yaml", &with("m.example.com/quay"))],
    );
}

/// A ConfigMap that a base generates and an overlay replaces: each has values of its own.
#[test]
fn a_config_map_for_each_environment() {
    let values = |registry: &str| format!("image: {{repository: {registry}/acme/foo, tag: v1}}\n");
    let release =
        format!("{RELEASE}{UNKNOWN_CHART}  valuesFrom: [{{kind: ConfigMap, name: p-x}}]\n");
    fixed(
        &config(ALL),
        &[
            ("base/hr.yaml", &release),
            (
                "base/kustomization.yaml",
                "namePrefix: p-\nresources: [hr.yaml]\nconfigMapGenerator:\n- {name: x, files: [values.yaml]}\n",
            ),
            ("base/values.yaml", &values("quay.io")),
            (
                "prod/kustomization.yaml",
                "resources: [../base]\nconfigMapGenerator:\n- {name: p-x, behavior: merge, files: [values.yaml=prod.yaml]}\n",
            ),
            ("prod/prod.yaml", &values("ghcr.io")),
        ],
        &[
            ("base/values.yaml", &values("m.example.com/quay")),
            ("prod/prod.yaml", &values("m.example.com/ghcr")),
        ],
    );
}

#[test]
fn a_chart_that_flux_keeps_as_an_object() {
    let with = |values: &str| {
        format!(
            "{RELEASE}  chartRef: {{kind: HelmChart, name: cz}}\n  values: {{clusterName: a{values}}}\n---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmChart\nmetadata: {{name: cz, namespace: n}}\nspec: {{chart: cloudzero-agent, version: 1.2.9, sourceRef: {{kind: HelmRepository, name: x}}}}\n"
        )
    };
    fixed(
        &config(AGENT),
        &[("hr.yaml", &with(""))],
        &[(
            "hr.yaml",
            &with(", components: {agent: {image: {repository: m.example.com/cz/cloudzero-agent}}}"),
        )],
    );
}

/// What a chart brings is given its keys in the chart's own values, which decide wherever it is installed.
#[test]
fn keys_of_a_chart_of_the_tree_are_made_once() {
    let chart = "apiVersion: v2\nname: u\nversion: 0.1.0\ndependencies:\n- {name: cloudzero-agent, alias: cz, version: 1.2.9, repository: 'https://cloudzero.github.io/cloudzero-charts'}\n";
    let application = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\nspec:\n  source:\n    path: u\n    repoURL: https://git.example.com/r.git\n    helm: {valueFiles: [values-prod.yaml]}\n";
    let of_flux = format!(
        "{RELEASE}  chart: {{spec: {{chart: ./u, sourceRef: {{kind: GitRepository, name: g}}}}}}\n  values: {{cz: {{region: eu}}}}\n"
    );
    fixed(
        &config(AGENT),
        &[
            ("u/Chart.yaml", chart),
            ("u/values.yaml", "cz: {clusterName: x}\n"),
            ("u/values-prod.yaml", "cz: {clusterName: y}\n"),
            ("a.yaml", application),
            ("hr.yaml", &of_flux),
        ],
        &[(
            "u/values.yaml",
            "cz: {clusterName: x, components: {agent: {image: {repository: m.example.com/cz/cloudzero-agent}}}}\n",
        )],
    );
}

/// A tag of a dependency switches it, too.
#[test]
fn a_dependency_that_a_tag_switches_off() {
    let chart = "apiVersion: v2\nname: u\nversion: 0.1.0\ndependencies:\n- {name: cloudzero-agent, version: 1.2.9, tags: [mon], repository: 'https://cloudzero.github.io/cloudzero-charts'}\n";
    let made = "cloudzero-agent:\n  components:\n    agent:\n      image:\n        repository: m.example.com/cz/cloudzero-agent\n";
    for (values, made) in [("tags: {mon: false}\n", ""), ("tags: {mon: true}\n", made)] {
        fixed(
            &config(AGENT),
            &[("u/Chart.yaml", chart), ("u/values.yaml", values)],
            &[("u/values.yaml", &format!("{values}{made}"))],
        );
    }
}

/// Files of values are in the source of the chart, which is another repository here.
#[test]
fn values_files_of_a_chart_that_is_not_here() {
    let rules =
        "registries: [{source: docker.io/acme/app, mirror: m.example.com/app, scope: all}]\n";
    let other = format!(
        "{RELEASE}  chart: {{spec: {{chart: ./charts/other, valuesFiles: [values.yaml], sourceRef: {{kind: GitRepository, name: g}}}}}}\n  values: {{image: {{repository: acme/x, tag: v7}}}}\n"
    );
    fixed(
        &config(rules),
        &[
            ("charts/app/Chart.yaml", CHART),
            (
                "charts/app/values.yaml",
                "image: {registry: docker.io, repository: acme/app, tag: v1}\n",
            ),
            ("hr.yaml", &other),
        ],
        &[(
            "charts/app/values.yaml",
            "image: {registry: m.example.com, repository: app, tag: v1}\n",
        )],
    );
    // Of a chart that is, they count from the root of its repository.
    let own = format!(
        "{RELEASE}  chart: {{spec: {{chart: ./charts/app, valuesFiles: [charts/app/v.yaml], sourceRef: {{kind: GitRepository, name: g}}}}}}\n"
    );
    fixed(
        &config(rules),
        &[
            ("r/charts/app/Chart.yaml", CHART),
            (
                "r/charts/app/v.yaml",
                "image: {registry: docker.io, repository: acme/app, tag: v1}\n",
            ),
            ("r/hr.yaml", &own),
        ],
        &[(
            "r/charts/app/v.yaml",
            "image: {registry: m.example.com, repository: app, tag: v1}\n",
        )],
    );
}

/// The object that says the repository of a chart is often in another folder than the release.
#[test]
fn a_source_elsewhere_in_the_repository() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let release = format!(
        "{RELEASE}  chart: {{spec: {{chart: alloy, version: 1.0.3, sourceRef: {{kind: HelmRepository, name: grafana}}}}}}\n  values: {{image: {{registry: docker.io}}, configReloader: {{enabled: false}}}}\n"
    );
    write_files(
        folder,
        &[
            (".git/HEAD", ""),
            ("apps/hr.yaml", &release),
            (
                "infra/repo.yaml",
                "apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata: {name: grafana}\nspec: {url: 'https://grafana.github.io/helm-charts'}\n",
            ),
            (
                "restore-images.yaml",
                &config(
                    "agents: [grafana-alloy]\nregistries: [{source: docker.io, mirror: m.example.com/hub}]\n",
                ),
            ),
        ],
    );
    for path in ["apps", "."] {
        let run = run_in_folder(folder, &["check", "--format", "short", path], b"");
        let said = String::from_utf8(run.stdout).expect("UTF-8");
        let found: String = said
            .lines()
            .filter(|line| line.contains("error: "))
            .map(|line| format!("{line}\n"))
            .collect();
        assert_text_eq(
            &found,
            "apps/hr.yaml:6:30: error: HelmRelease n/r: wrong registry or path: docker.io/grafana/alloy → m.example.com/hub/grafana/alloy; set image.registry: m.example.com/hub [wrong-registry]\n",
        );
    }
}
/// kustomize drops what a null stands for in `valuesFile`, and Helm puts the chart's default there.
#[test]
fn a_null_in_inline_values_of_kustomize_leaves_the_default() {
    let kustomization = |merge: &str, inline: &str| {
        format!(
            "helmCharts:\n- name: foo\n  releaseName: x\n  valuesFile: v.yaml\n{merge}  valuesInline:\n    image: {{registry: null, repository: {inline}}}\n"
        )
    };
    for merge in ["", "  valuesMerge: override\n"] {
        fixed(
            &config(OWNER),
            &[
                ("charts/foo/Chart.yaml", CHART),
                (
                    "charts/foo/values.yaml",
                    "image: {registry: docker.io, repository: library/nginx, tag: v1}\n",
                ),
                ("v.yaml", "image: {registry: quay.io, tag: '1'}\n"),
                ("kustomization.yaml", &kustomization(merge, "acme/inl")),
            ],
            &[],
        );
    }
}

/// Flux takes `valuesFiles` from the repository that the chart is in.
#[test]
fn values_files_of_a_chart_elsewhere_are_none_of_the_tree() {
    let release = |chart: &str| {
        format!(
            "{RELEASE}  chart:\n    spec:\n      chart: ./charts/{chart}\n      sourceRef: {{kind: GitRepository, name: g}}\n      valuesFiles: [charts/foo/values.yaml, x.yaml]\n  values:\n    image: {{repository: acme/x, tag: v7}}\n"
        )
    };
    let files = |chart: &str| {
        vec![
            ("charts/foo/Chart.yaml", CHART.to_owned()),
            ("charts/foo/values.yaml", VALUES.to_owned()),
            ("rel.yaml", release(chart)),
        ]
    };
    fn given<'f>(files: &'f [(&'static str, String)]) -> Vec<(&'static str, &'f str)> {
        files.iter().map(|(path, text)| (*path, &**text)).collect()
    }
    let elsewhere = files("other");
    let folder = tempfile::tempdir().expect("a folder");
    write_files(folder.path(), &given(&elsewhere));
    write_files(folder.path(), &[("restore-images.yaml", &config(OWNER))]);
    assert_text_eq(
        &warnings(folder.path()),
        "rel.yaml:11:25: warning: HelmRelease n/r: acme/x:v7 → m.example.com/x/x is not written: the chart may put a registry of its own before it: write the registry, too [unresolved-image]\n",
    );
    let moved = VALUES
        .replace("docker.io", "m.example.com")
        .replace("acme/foo", "x/foo");
    fixed(
        &config(OWNER),
        &given(&elsewhere),
        &[("charts/foo/values.yaml", &moved)],
    );
}

/// A template in the name of a file stands for any text: each file that it may mean is one environment.
#[test]
fn files_of_an_application_set_by_templates() {
    let set = "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: one, namespace: argocd}\nspec:\n  goTemplate: true\n  generators:\n  - list: {elements: [{env: prod}, {env: dev}]}\n  template:\n    metadata: {name: 'x-{{.env}}'}\n    spec:\n      sources:\n      - repoURL: https://c.example.com\n        chart: unk\n        targetRevision: 1.0.0\n        helm:\n          valueFiles: ['$r/envs/{{.env}}.yaml', $r/common.yaml]\n          ignoreMissingValueFiles: true\n          valuesObject: {side: {image: quay.io/acme/side:v1}}\n      - {repoURL: https://g.example.com/x, ref: r}\n";
    let prod = "second: {image: {repository: quay.io/acme/sec, tag: v1}}\n";
    let dev = "third: {image: {repository: ghcr.io/acme/third, tag: v1}}\n";
    let common = "image: {registry: quay.io, repository: acme/c, tag: v1}\n";
    let moved = |text: &str| {
        text.replace("quay.io", "m.example.com/quay")
            .replace("ghcr.io", "m.example.com/ghcr")
    };
    let files = [
        ("a.yaml", set),
        ("envs/prod.yaml", prod),
        ("envs/dev.yaml", dev),
        ("common.yaml", common),
    ];
    let new: Vec<(&str, String)> = files
        .iter()
        .map(|(path, text)| (*path, moved(text)))
        .collect();
    let new: Vec<(&str, &str)> = new.iter().map(|(path, text)| (*path, &**text)).collect();
    fixed(&config(ALL), &files, &new);
}

/// Each of many files is one environment; of many in two places, nobody knows which go together.
#[test]
fn many_files_of_an_application_set() {
    let set = |files: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: one, namespace: argocd}}\nspec:\n  template:\n    metadata: {{name: 'x-{{{{.env}}}}'}}\n    spec:\n      sources:\n      - repoURL: https://c.example.com\n        chart: unk\n        targetRevision: 1.0.0\n        helm: {{valueFiles: [{files}]}}\n      - {{repoURL: https://g.example.com/x, ref: r}}\n"
        )
    };
    let names: Vec<String> = (0..20).map(|n| format!("envs/e{n}.yaml")).collect();
    let text =
        |host: &str| format!("second: {{image: {{repository: {host}/acme/sec, tag: v1}}}}\n");
    let (old, new) = (text("quay.io"), text("m.example.com/quay"));
    let alone = set("'$r/envs/{{.env}}.yaml'");
    let mut files: Vec<(&str, &str)> = names.iter().map(|name| (&**name, &*old)).collect();
    files.push(("a.yaml", &alone));
    let after: Vec<(&str, &str)> = names.iter().map(|name| (&**name, &*new)).collect();
    fixed(&config(ALL), &files, &after);
    let two = set("'$r/envs/{{.env}}.yaml', '$r/regions/{{.region}}.yaml'");
    let regions: Vec<String> = (0..4).map(|n| format!("regions/r{n}.yaml")).collect();
    files.pop();
    files.push(("a.yaml", &*two));
    files.extend(regions.iter().map(|name| (&**name, "x: 1\n")));
    let folder = tempfile::tempdir().expect("a folder");
    write_files(folder.path(), &files);
    write_files(folder.path(), &[("restore-images.yaml", &config(ALL))]);
    let run = run_in_folder(folder.path(), &["check", "--verbose", "."], b"");
    let said = String::from_utf8(run.stdout).expect("UTF-8") + &run.stderr;
    assert!(
        said.contains("a.yaml:10:16: not read: unk: its values may be in more files, or combinations of files, than are checked: name them under `files.values` of the configuration\n"),
        "{said}"
    );
}

/// What a kustomization generates for one path is no document, and counted.
#[test]
fn a_generated_value_at_one_path() {
    let folder = tempfile::tempdir().expect("a folder");
    write_files(
        folder.path(),
        &[
            (
                "hr.yaml",
                "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: r, namespace: ns}\nspec:\n  chart: {spec: {chart: unk}}\n  valuesFrom:\n  - {kind: ConfigMap, name: vals, valuesKey: repo, targetPath: two.image.repository}\n",
            ),
            (
                "kustomization.yaml",
                "resources: [hr.yaml]\nconfigMapGenerator:\n- name: vals\n  literals: [repo=quay.io/acme/two, tag=v1]\n",
            ),
            ("restore-images.yaml", &config(ALL)),
        ],
    );
    let run = run_in_folder(folder.path(), &["check", "--verbose", "."], b"");
    let said = String::from_utf8(run.stdout).expect("UTF-8") + &run.stderr;
    let told = "kustomization.yaml:4:14: not read: ***: `configMapGenerator` makes it a value at a `targetPath`, where it is not edited: write it in a document of values\n";
    assert_eq!(said.matches(told).count(), 1, "{said}");
    assert!(said.contains("0 images read, 2 not read"), "{said}");
}

/// A file that the configuration names is read whatever its name ends in, and told of where it is no YAML.
#[test]
fn files_that_the_configuration_names_by_other_endings() {
    let named = "files: {values: [{path: '*.gotmpl', chart: unknown}, {path: 'vals/*.yaml', chart: unknown}]}\n";
    let rules = config(&(ALL.to_owned() + named));
    let values = "image: {repository: quay.io/acme/a, tag: v1}\n";
    let template = "image:\n  repository: quay.io/acme/a\n  tag: {{ .Values.tag | quote }}\n{{- if .Values.x }}\nside: {image: 'quay.io/acme/b:v1'}\n{{- end }}\n";
    let files = [
        ("values.yaml.gotmpl", values),
        ("b.gotmpl", template),
        ("vals/tpl.yaml", template),
        ("other.tpl", values),
    ];
    fixed(
        &rules,
        &files,
        &[(
            "values.yaml.gotmpl",
            "image: {repository: m.example.com/quay/acme/a, tag: v1}\n",
        )],
    );
    let folder = tempfile::tempdir().expect("a folder");
    write_files(folder.path(), &files);
    write_files(folder.path(), &[("restore-images.yaml", &rules)]);
    let why = "1:1: warning: `files.values` of the configuration names it, and it is no YAML before it is rendered, so that its images are not checked: name what is rendered of it [unresolved-image]\n";
    assert_text_eq(
        &warnings(folder.path()),
        &format!("b.gotmpl:{why}vals/tpl.yaml:{why}"),
    );
}

/// A chart of one's own that has the name of the vendor's chart, which it brings, is not that chart.
#[test]
fn a_chart_named_as_the_one_that_it_brings() {
    let chart = |name: &str| {
        format!(
            "apiVersion: v2\nname: {name}\nversion: 0.1.0\ndependencies: [{{name: falco, repository: https://falcosecurity.github.io/charts, version: 9.1.0}}]\n"
        )
    };
    let values = "falco:\n  image: {registry: docker.io, repository: falcosecurity/falco}\n  falcoctl: {image: {registry: m.example.com/hub, repository: falcosecurity/falcoctl}}\n  driver: {loader: {initContainer: {image: {registry: m.example.com/hub, repository: falcosecurity/falco-driver-loader}}}}\n";
    let rules = "agents: [falco]\nregistries: [{source: docker.io, mirror: m.example.com/hub}]\n";
    for name in ["falco", "falco-platform"] {
        fixed(
            &config(rules),
            &[
                ("falco/Chart.yaml", &chart(name)),
                ("falco/values.yaml", values),
            ],
            &[(
                "falco/values.yaml",
                &values.replace("docker.io", "m.example.com/hub"),
            )],
        );
    }
}

/// The own values of a chart that an umbrella brings, below those of its environments: one run writes all that
/// is to be written.
#[test]
fn a_chart_below_values_that_get_the_same_name() {
    let rules = "agents:\n- name: acme\n  images: [{image: registry.k8s.io/acme0/agent0, tag: keep}]\n  charts: [{name: acmechart, images: [{repository: {path: c0.repository, default: registry.k8s.io/acme0/agent0, defaultWhereEmpty: true}, tag: c0.tag}]}]\nregistries: [{source: registry.k8s.io, mirror: m.example.com/k8s/x}]\n";
    let files = [
        (
            "umb/Chart.yaml",
            "apiVersion: v2\nname: umb\nversion: 0.1.0\ndependencies: [{name: acmechart, version: 1.2.3, repository: 'https://charts.acme.example/x'}]\n",
        ),
        ("umb/values.yaml", "acmechart: {c0: {tag: v1}}\n"),
        ("umb/values-prod.yaml", "acmechart: {c0: {tag: v2}}\n"),
        (
            "umb/charts/acmechart/Chart.yaml",
            "apiVersion: v2\nname: acmechart\nversion: 1.2.3\n",
        ),
        (
            "umb/charts/acmechart/values.yaml",
            "c0: {pullPolicy: Always}\n",
        ),
    ];
    let name = "m.example.com/k8s/x/acme0/agent0";
    fixed(
        &config(rules),
        &files,
        &[
            (
                "umb/values.yaml",
                &format!("acmechart: {{c0: {{tag: v1, repository: {name}}}}}\n"),
            ),
            (
                "umb/charts/acmechart/values.yaml",
                &format!("c0: {{pullPolicy: Always, repository: {name}}}\n"),
            ),
        ],
    );
}

/// A chart that is brought under two aliases has its own values below each.
#[test]
fn a_chart_under_two_aliases() {
    let files = |registry: &str, alias: &str| {
        [
            ("c/Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\ndependencies:\n- {name: s, version: 1.0.0, alias: al}\n- {name: s, version: 1.0.0, alias: am}\n".to_owned()),
            ("c/values.yaml", format!("am: {{image: {{registry: {alias}}}}}\n")),
            ("c/charts/s/Chart.yaml", "apiVersion: v2\nname: s\nversion: 1.0.0\n".to_owned()),
            ("c/charts/s/values.yaml", format!("image: {{registry: {registry}, repository: acme/a, tag: v1}}\n")),
        ]
    };
    let rules = "registries:\n- {source: quay.io, mirror: m.example.com/quay, scope: all}\n- {source: docker.io, mirror: m.example.com/hub, scope: all}\n";
    let (before, after) = (
        files("quay.io", "docker.io"),
        files("m.example.com/quay", "m.example.com/hub"),
    );
    let before = before.each_ref().map(|(path, text)| (*path, text.as_str()));
    let after = after.each_ref().map(|(path, text)| (*path, text.as_str()));
    fixed(&config(rules), &before, &after);
}
