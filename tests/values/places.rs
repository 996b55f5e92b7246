//! Every place at which values are kept, each with its tool's order of precedence.

use super::{config, fixed};
use crate::support::{assert_text_eq, run_in_folder};

/// Mirrored images of the agent go back to where its vendor says.
const RULES: &str = "\
agents: [cloudzero-agent]
registries: [{source: ghcr.io/cloudzero/cloudzero-agent, mirror: m.example.com/cz}]
";

const OFFICIAL: &str = "ghcr.io/cloudzero/cloudzero-agent/cloudzero-agent";
const MAPPED: &str = "m.example.com/cz/cloudzero-agent";

/// The text with `NAME` for the agent's image: official before, mapped after.
#[track_caller]
fn check(files: &[(&str, &str)]) {
    check_with(RULES, files);
}

#[track_caller]
fn check_with(rules: &str, files: &[(&str, &str)]) {
    let with = |name: &str| -> Vec<(String, String)> {
        let all = files.iter();
        all.map(|(path, text)| ((*path).to_owned(), text.replace("NAME", name)))
            .collect()
    };
    let (before, after) = (with(OFFICIAL), with(MAPPED));
    let borrow = |all: &'_ [(String, String)]| -> Vec<(String, String)> { all.to_vec() };
    let (before, after) = (borrow(&before), borrow(&after));
    let before: Vec<(&str, &str)> = before
        .iter()
        .map(|(a, b)| (a.as_str(), b.as_str()))
        .collect();
    let after: Vec<(&str, &str)> = after
        .iter()
        .map(|(a, b)| (a.as_str(), b.as_str()))
        .collect();
    fixed(&config(rules), &before, &after);
}

const RELEASE: &str = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: cz, namespace: n}\nspec:\n  chart: {spec: {chart: cloudzero-agent, version: 1.2.13}}\n";

#[test]
fn a_helm_release() {
    check(&[(
        "hr.yaml",
        &format!(
            "{RELEASE}  values:\n    components:\n      agent: {{image: {{repository: NAME}}}} # by hand\n"
        ),
    )]);
}

/// Inline values win over ConfigMaps, and of these the later ones.
#[test]
fn config_maps_of_a_helm_release() {
    let from = "  valuesFrom:\n  - {kind: ConfigMap, name: a}\n  - {kind: ConfigMap, name: b, valuesKey: v.yaml}\n";
    let map = |name: &str, key: &str, image: &str| {
        format!(
            "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: n}}\ndata:\n  {key}: |\n    # by hand\n    components:\n      agent:\n        image: {{repository: {image}}}\n"
        )
    };
    let (a, b) = (
        map("a", "values.yaml", OFFICIAL),
        map("b", "v.yaml", "NAME"),
    );
    check(&[("hr.yaml", &format!("{RELEASE}{from}{a}{b}"))]);
    let values = "  values: {components: {agent: {image: {repository: NAME}}}}\n";
    let b = map("b", "v.yaml", OFFICIAL);
    check(&[("hr.yaml", &format!("{RELEASE}{from}{values}{a}{b}"))]);
}

#[test]
fn a_config_map_that_is_generated() {
    check(&[
        (
            "hr.yaml",
            &format!("{RELEASE}  valuesFrom: [{{kind: ConfigMap, name: cz-values}}]\n"),
        ),
        (
            "kustomization.yaml",
            "resources: [hr.yaml]\nconfigMapGenerator:\n- name: cz-values\n  files: [values.yaml=cz.yaml]\n",
        ),
        (
            "cz.yaml",
            "components:\n  agent:\n    image:\n      repository: NAME\n",
        ),
    ]);
}

/// A part of a release that an overlay has says what its base does not.
#[test]
fn an_overlay_of_a_helm_release() {
    check_with(
        "agents: [cloudzero-agent]\nregistries: [{source: ghcr.io/cloudzero/cloudzero-agent, mirror: m.example.com/cz}]\n",
        &[
            (
                "base/hr.yaml",
                &format!(
                    "{RELEASE}  values:\n    components: {{agent: {{image: {{repository: NAME}}}}}}\n"
                ),
            ),
            (
                "prod/patch.yaml",
                "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: cz, namespace: n}\nspec:\n  values: {clusterName: prod}\n",
            ),
        ],
    );
}

const APPLICATION: &str = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: cz}\nspec:\n  source:\n    chart: cloudzero-agent\n    repoURL: https://cloudzero.github.io/cloudzero-charts\n    targetRevision: 1.2.13\n    helm:\n";

#[test]
fn an_application() {
    for helm in [
        "      valuesObject:\n        components: {agent: {image: {repository: NAME}}}\n",
        "      values: |\n        # by hand\n        components:\n            agent:\n                image: {repository: \"NAME\"}\n",
        "      values: \"components: {agent: {image: {repository: NAME}}}\\n\"\n",
        "      values: 'components: {agent: {image: {repository: NAME}}}'\n",
        "      parameters:\n      - name: components.agent.image.repository\n        value: NAME\n",
    ] {
        check(&[("app.yaml", &format!("{APPLICATION}{helm}"))]);
    }
    let both = format!(
        "      values: |\n        components: {{agent: {{image: {{repository: {OFFICIAL}}}}}}}\n      valuesObject:\n        components: {{agent: {{image: {{repository: NAME}}}}}}\n"
    );
    check(&[("app.yaml", &format!("{APPLICATION}{both}"))]);
    let both = format!(
        "      valuesObject:\n        components: {{agent: {{image: {{repository: {OFFICIAL}}}}}}}\n      parameters: [{{name: components.agent.image.repository, value: NAME}}]\n"
    );
    check(&[("app.yaml", &format!("{APPLICATION}{both}"))]);
}

#[test]
fn an_application_of_several_sources_with_files() {
    let app = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: cz}\nspec:\n  sources:\n  - repoURL: https://git.example.com/r.git\n    ref: values\n  - chart: cloudzero-agent\n    repoURL: https://cloudzero.github.io/cloudzero-charts\n    targetRevision: 1.2.13\n    helm:\n      valueFiles: [$values/envs/base.yaml, $values/envs/prod.yaml]\n";
    check(&[
        ("app.yaml", app),
        (
            "envs/base.yaml",
            &format!("components: {{agent: {{image: {{repository: {OFFICIAL}}}}}}}\n"),
        ),
        (
            "envs/prod.yaml",
            "components: {agent: {image: {repository: NAME}}}\n",
        ),
    ]);
}

#[test]
fn an_application_set() {
    let set = "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: cz}\nspec:\n  template:\n    spec:\n      source:\n        chart: cloudzero-agent\n        repoURL: https://cloudzero.github.io/cloudzero-charts\n        helm:\n          valuesObject: {clusterName: '{{name}}', components: {agent: {image: {repository: NAME}}}}\n";
    check(&[("set.yaml", set)]);
}

/// `additionalValuesFiles` win over `valuesInline`, and that over `valuesFile`.
#[test]
fn a_kustomization_that_inflates_a_chart() {
    let chart = "helmCharts:\n- name: cloudzero-agent\n  repo: https://cloudzero.github.io/cloudzero-charts\n  version: 1.2.13\n";
    let own = format!("components: {{agent: {{image: {{repository: {OFFICIAL}}}}}}}");
    let decides = "components: {agent: {image: {repository: NAME}}}";
    check(&[
        (
            "kustomization.yaml",
            &format!("{chart}  valuesFile: v.yaml\n"),
        ),
        ("v.yaml", &format!("{decides}\n")),
    ]);
    check(&[
        (
            "kustomization.yaml",
            &format!("{chart}  valuesFile: v.yaml\n  valuesInline: {{{decides}}}\n"),
        ),
        ("v.yaml", &format!("{own}\n")),
    ]);
    check(&[
        (
            "kustomization.yaml",
            &format!(
                "{chart}  valuesFile: v.yaml\n  valuesMerge: merge\n  valuesInline: {{{own}}}\n"
            ),
        ),
        ("v.yaml", &format!("{decides}\n")),
    ]);
    check(&[
        (
            "kustomization.yaml",
            &format!("{chart}  valuesInline: {{{own}}}\n  additionalValuesFiles: [more.yaml]\n"),
        ),
        ("more.yaml", &format!("{decides}\n")),
    ]);
    check(&[(
        "kustomization.yaml",
        "helmChartInflationGenerator:\n- chartName: cloudzero-agent\n  chartRepoUrl: https://cloudzero.github.io/cloudzero-charts\n  valuesLocal: {components: {agent: {image: {repository: NAME}}}}\n",
    )]);
}

/// A HelmChartConfig wins over its HelmChart, and `set` over both.
#[test]
fn a_helm_chart_of_k3s() {
    let chart = "apiVersion: helm.cattle.io/v1\nkind: HelmChart\nmetadata: {name: cz, namespace: kube-system}\nspec:\n  repo: https://cloudzero.github.io/cloudzero-charts\n  chart: cloudzero-agent\n";
    let content = |name: &str| {
        format!(
            "  valuesContent: |-\n    components:\n      agent: {{image: {{repository: {name}}}}}\n"
        )
    };
    let config = "---\napiVersion: helm.cattle.io/v1\nkind: HelmChartConfig\nmetadata: {name: cz, namespace: kube-system}\nspec:\n";
    check(&[("c.yaml", &format!("{chart}{}", content("NAME")))]);
    check(&[(
        "c.yaml",
        &format!("{chart}{}{config}{}", content(OFFICIAL), content("NAME")),
    )]);
    check(&[(
        "c.yaml",
        &format!(
            "{chart}{}  set: {{components.agent.image.repository: NAME}}\n",
            content(OFFICIAL)
        ),
    )]);
}

/// Files win over inline values.
#[test]
fn a_fleet_of_clusters() {
    let fleet =
        "helm:\n  chart: cloudzero-agent\n  repo: https://cloudzero.github.io/cloudzero-charts\n";
    let values = |name: &str| {
        format!("  values: {{components: {{agent: {{image: {{repository: {name}}}}}}}}}\n")
    };
    check(&[("fleet.yaml", &format!("{fleet}{}", values("NAME")))]);
    check(&[
        (
            "fleet.yaml",
            &format!("{fleet}{}  valuesFiles: [v.yaml]\n", values(OFFICIAL)),
        ),
        (
            "v.yaml",
            "components: {agent: {image: {repository: NAME}}}\n",
        ),
    ]);
}

#[test]
fn values_beside_a_chart() {
    let chart = "apiVersion: v2\nname: mine\nversion: 0.1.0\ndependencies:\n- {name: cloudzero-agent, version: 1.2.13, repository: \"https://cloudzero.github.io/cloudzero-charts\", alias: cz}\n";
    check(&[
        ("mine/Chart.yaml", chart),
        (
            "mine/values.yaml",
            "cz:\n  components:\n    agent:\n      image:\n        repository: NAME\n",
        ),
        ("mine/values-prod.yaml", "cz: {clusterName: prod}\n"),
    ]);
}

/// A base and two environments: what the environments do not say is the base's alone.
#[test]
fn environments_share_the_values_of_their_chart() {
    let chart = "apiVersion: v2\nname: cloudzero-agent\nversion: 1.2.13\n";
    check(&[
        ("Chart.yaml", chart),
        (
            "values.yaml",
            "components: {agent: {image: {repository: NAME, tag: 1.2.13}}}\n",
        ),
        (
            "values-a.yaml",
            "components: {agent: {image: {tag: 1.2.12}}}\n",
        ),
        (
            "values-b.yaml",
            "components: {agent: {image: {repository: NAME}}}\n",
        ),
    ]);
}

#[test]
fn files_that_the_configuration_names() {
    let rules =
        format!("{RULES}files:\n  values: [{{path: 'envs/*.yaml', chart: cloudzero-agent}}]\n");
    check_with(
        &rules,
        &[
            (
                "envs/prod.yaml",
                "components: {agent: {image: {repository: NAME}}}\n",
            ),
            (
                "other/prod.yaml",
                &format!("components: {{agent: {{image: {{repository: {OFFICIAL}}}}}}}\n"),
            ),
        ],
    );
}

/// What is in no file that was read may say anything.
#[test]
fn values_that_are_elsewhere_are_not_guessed() {
    let files = [(
        "hr.yaml",
        format!(
            "{RELEASE}  valuesFrom: [{{kind: Secret, name: s}}]\n  values: {{clusterName: a}}\n"
        ),
    )];
    let folder = tempfile::tempdir().expect("a folder");
    super::write_files(
        folder.path(),
        &[
            ("hr.yaml", &files[0].1),
            ("restore-images.yaml", &config(RULES)),
        ],
    );
    let run = run_in_folder(folder.path(), &["fix", "."], b"");
    let text = std::fs::read_to_string(folder.path().join("hr.yaml")).expect("a file");
    assert_text_eq(&text, &files[0].1);
    let said = String::from_utf8(run.stdout).expect("UTF-8");
    let why = "a part of it may be in values that were not read";
    assert_eq!(said.matches(why).count(), 1, "{said}");
}

/// A file of values in which everything is a comment says nothing, wherever it is among the files.
#[test]
fn values_that_say_nothing() {
    let helm = "    path: .\n    helm: {valueFiles: [values.yaml]}\n";
    let git = APPLICATION.replace("    chart: cloudzero-agent\n", "");
    let app = format!("{}{helm}", git.replace("    helm:\n", ""));
    let folder = tempfile::tempdir().expect("a folder");
    super::write_files(
        folder.path(),
        &[
            ("app.yaml", &app),
            ("Chart.yaml", "apiVersion: v2\nname: foo\nversion: 1.0.0\n"),
            ("values.yaml", "# nothing yet\n"),
        ],
    );
    let run = run_in_folder(folder.path(), &["check", "."], b"");
    assert_eq!(run.code, 0, "{}", run.stderr);
    let report = String::from_utf8_lossy(&run.stdout);
    assert_eq!(
        report.lines().last(),
        Some("nothing to restore in 2 files, 0 images read")
    );
}

/// What docs/helm-values.md says of exceptions: a release is named by its kind and name, a file of values
/// by the agent alone or left out.
#[test]
fn exceptions_reach_releases_and_files_of_values() {
    const VALUES: &str =
        "clusterAgent:\n  image:\n    repository: old.example.com/datadog/cluster-agent\n";
    let release = format!(
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: dd}}\nspec:\n  chart: {{spec: {{chart: datadog}}}}\n  values:\n    {}",
        VALUES.trim_end().replace('\n', "\n    ") + "\n"
    );
    for (exception, exclude, wrong) in [
        (
            "",
            "",
            &["a/datadog.yaml", "b/datadog.yaml", "release.yaml"][..],
        ),
        (
            "kind: HelmRelease, name: dd",
            "",
            &["a/datadog.yaml", "b/datadog.yaml"],
        ),
        ("name: \"*\"", "b/datadog.yaml", &[]),
        ("agent: datadog", "", &[]),
        ("", "b/datadog.yaml", &["a/datadog.yaml", "release.yaml"]),
    ] {
        let exceptions = match exception {
            "" => String::new(),
            selectors => format!("  exceptions: [{{reason: r, {selectors}, allow: [registry]}}]\n"),
        };
        let config = format!(
            "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {{name: c}}\nspec:\n  agents: [datadog]\n{exceptions}  files:\n    exclude: [{exclude}]\n    values: [{{path: '*/datadog.yaml', chart: datadog}}]\n"
        );
        let folder = tempfile::tempdir().expect("a folder");
        super::write_files(
            folder.path(),
            &[
                ("a/datadog.yaml", VALUES),
                ("b/datadog.yaml", VALUES),
                ("release.yaml", &release),
                ("restore-images.yaml", &config),
            ],
        );
        let run = run_in_folder(folder.path(), &["check", "--format", "short"], b"");
        let report = String::from_utf8(run.stdout).expect("UTF-8");
        let lines = report
            .lines()
            .filter(|line| line.ends_with("[wrong-registry]"));
        let found: Vec<&str> = lines.filter_map(|line| line.split(':').next()).collect();
        assert_eq!(
            found, wrong,
            "{exception} {exclude}: {report}{}",
            run.stderr
        );
    }
}
