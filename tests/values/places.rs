//! Every place at which values are kept, each with its tool's order of precedence.

use super::{config, fixed, warnings};
use crate::support::{assert_text_eq, run_in_folder, write_files};

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

/// A value of a ConfigMap that is set at a path, of a chart that nobody knows, too.
#[test]
fn a_value_of_a_config_map_at_a_path() {
    let release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: u, namespace: n}\nspec:\n  chart: {spec: {chart: unknown}}\n  valuesFrom:\n  - {kind: ConfigMap, name: m, valuesKey: repo, targetPath: app.image.repository}\n  - {kind: ConfigMap, name: m, valuesKey: tag, targetPath: app.image.tag}\n  - {kind: ConfigMap, name: m, valuesKey: whole, targetPath: sidecar.image}\n";
    let map = |a: &str, b: &str| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: m, namespace: n}}\ndata:\n  repo: {a}/acme/foo\n  tag: v1\n  whole: \"{b}/acme/sidecar:v1\"\n"
        )
    };
    let rules = "registries:\n- {source: ghcr.io, mirror: m.example.com/ghcr, scope: all}\n- {source: quay.io, mirror: m.example.com/quay, scope: all}\n";
    fixed(
        &config(rules),
        &[("hr.yaml", release), ("m.yaml", &map("ghcr.io", "quay.io"))],
        &[("m.yaml", &map("m.example.com/ghcr", "m.example.com/quay"))],
    );
    let known = format!(
        "{RELEASE}  valuesFrom: [{{kind: ConfigMap, name: m, valuesKey: repo, targetPath: components.agent.image.repository}}]\n"
    );
    let map =
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m, namespace: n}\ndata: {repo: NAME}\n";
    check(&[("hr.yaml", &known), ("m.yaml", map)]);
    // Where the release says it, too, chance says which counts.
    let both = format!(
        "{known}  values: {{components: {{agent: {{image: {{repository: {OFFICIAL}}}}}}}}}\n"
    );
    let map = map.replace("NAME", OFFICIAL);
    check(&[("hr.yaml", &both), ("m.yaml", &map)]);
    let folder = tempfile::tempdir().expect("a folder");
    write_files(folder.path(), &[("hr.yaml", &both), ("m.yaml", &map)]);
    std::fs::write(folder.path().join("restore-images.yaml"), config(RULES)).expect("written");
    assert_text_eq(
        &warnings(folder.path()),
        "hr.yaml:7:53: warning: HelmRelease n/cz: ghcr.io/cloudzero/cloudzero-agent/cloudzero-agent → m.example.com/cz/cloudzero-agent is not written: a part of it may be in values that were not read (ConfigMap m): write its name in values that win over these, or look at what is rendered [unresolved-image]\n",
    );
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

/// A literal loses a pair of quotes, as kustomize takes it.
#[test]
fn a_literal_of_a_config_map_that_is_generated() {
    let release = format!("{RELEASE}  valuesFrom: [{{kind: ConfigMap, name: cz, valuesKey: v}}]\n");
    for (key, literals) in [
        (
            "literals",
            "['a=b', \"v='components: {agent: {image: {repository: NAME}}}'\"]",
        ),
        (
            "literals",
            "['v=components: {agent: {image: {repository: NAME}}}']",
        ),
        (
            "LITERALS",
            "\n  - |\n    v=components:\n      agent:\n        image:\n          repository: NAME # by hand\n",
        ),
    ] {
        let kustomization =
            format!("resources: [hr.yaml]\nconfigMapGenerator:\n- name: cz\n  {key}: {literals}\n");
        check(&[
            ("hr.yaml", &release),
            ("kustomization.yaml", &kustomization),
        ]);
    }
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

const GIT: &str = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: cz, namespace: argocd}\nspec:\n  source:\n    repoURL: https://git.example.com/r.git\n    path: cz\n";
const CHART: (&str, &str) = (
    "cz/Chart.yaml",
    "apiVersion: v2\nname: cloudzero-agent\nversion: 1.2.13\n",
);

fn agent(name: &str) -> String {
    format!("components: {{agent: {{image: {{repository: {name}}}}}}}\n")
}

/// Argo CD puts the files that a pattern means in the order of their names, those of a folder first, each
/// once, and where it is named by its path rather than where a pattern means it.
#[test]
fn an_application_with_patterns_of_files() {
    let of = |files: &str| {
        let files = files.split(", ").map(|file| format!("'{file}'"));
        let files = files.collect::<Vec<_>>().join(", ");
        format!("{GIT}    helm: {{valueFiles: [{files}]}}\n")
    };
    for (files, decides, others) in [
        ("envs/*.yaml", "cz/envs/b.yaml", &["cz/envs/a.yaml"][..]),
        ("envs/[a-z].yaml", "cz/envs/b.yaml", &["cz/envs/a.yaml"]),
        (
            "envs/*.yaml, envs/a.yaml",
            "cz/envs/a.yaml",
            &["cz/envs/b.yaml"],
        ),
        (
            "envs/a.yaml, envs/*.yaml",
            "cz/envs/b.yaml",
            &["cz/envs/a.yaml"],
        ),
        (
            "/cz/envs/**/*.yaml, envs/?.yaml",
            "cz/envs/a/a.yaml",
            &["cz/envs/a.yaml", "cz/envs/b.yaml"],
        ),
        ("envs/{a,b}*.yaml", "cz/envs/b.yaml", &["cz/envs/a.yaml"]),
        (
            "{envs,more/*}/{a,b}.yaml",
            "cz/more/x/b.yaml",
            &["cz/envs/a.yaml", "cz/envs/b.yaml"],
        ),
        (
            "envs/*.yaml, last.yaml",
            "cz/last.yaml",
            &["cz/envs/a.yaml", "cz/envs/b.yaml"],
        ),
    ] {
        let (app, below) = (of(files), agent(OFFICIAL));
        let mut all = vec![("app.yaml", app.as_str()), CHART];
        all.extend(others.iter().map(|path| (*path, below.as_str())));
        let decided = agent("NAME");
        all.push((decides, &decided));
        check(&all);
    }
}

/// A pattern that means nothing is an error of Argo CD's, unless files may miss.
#[test]
fn an_application_with_a_pattern_that_means_nothing() {
    let miss = format!(
        "{GIT}    helm: {{valueFiles: [envs/*.yaml, own.yaml], ignoreMissingValueFiles: true}}\n"
    );
    check(&[("app.yaml", &miss), CHART, ("cz/own.yaml", &agent("NAME"))]);
}

/// What is beside the source's path wins over what the Application says: mappings are merged, lists are
/// not, and the file of one Application wins over that of all.
#[test]
fn an_application_with_files_beside_its_source() {
    const OTHERS: &str =
        "helm: {valuesObject: {components: {agent: {image: {repository: quay.io/acme/own}}}}}\n";
    let parameters = |name: &str| {
        format!(
            "helm:\n  parameters:\n  - {{name: components.agent.image.repository, value: {name}}}\n"
        )
    };
    let inline = |name: &str| {
        format!(
            "{GIT}    helm: {{valuesObject: {{{}}}}}\n",
            agent(name).trim()
        )
    };
    let indented = |text: &str| text.replace('\n', "\n    ").trim_end().to_owned();
    let set = format!("{GIT}    {}\n", indented(&parameters(OFFICIAL)));
    let object = |name: &str| format!("helm: {{valuesObject: {{{}}}}}\n", agent(name).trim());
    let text = |name: &str| format!("helm:\n  values: |\n    {}", agent(name));
    for (app, all, own) in [
        (inline(OFFICIAL), parameters("NAME"), None),
        (inline(OFFICIAL), object("NAME"), None),
        (set.clone(), parameters("NAME"), None),
        (set.clone(), parameters(OFFICIAL), Some(parameters("NAME"))),
        (inline(OFFICIAL), object(OFFICIAL), Some(object("NAME"))),
        (GIT.to_owned(), text("NAME"), None),
        (GIT.to_owned(), text(OFFICIAL), Some(object("NAME"))),
        (
            inline("NAME"),
            "helm: {valuesObject: {clusterName: b}}\n".to_owned(),
            None,
        ),
        (
            inline("NAME"),
            parameters(OFFICIAL),
            Some("helm: {parameters: []}\n".to_owned()),
        ),
    ] {
        let mut files = vec![
            ("app.yaml", app.as_str()),
            CHART,
            ("cz/.argocd-source.yaml", all.as_str()),
        ];
        if let Some(own) = &own {
            files.push(("cz/.argocd-source-cz.yaml", own));
            files.push(("cz/.argocd-source-other.yaml", OTHERS));
        }
        check(&files);
    }
    // One of an Application that is elsewhere.
    check(&[
        CHART,
        ("cz/values.yaml", &agent("NAME")),
        ("cz/.argocd-source-dev.yaml", &parameters("NAME")),
    ]);
}

/// The template of a generator wins over that of the set, and takes its mappings' place.
#[test]
fn an_application_set_with_templates_of_generators() {
    let set = |generator: &str, of_set: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: cz}}\nspec:\n  generators:\n  - list:\n      elements: [{{name: a}}]\n      template:\n        metadata: {{}}\n        spec:\n          source:\n            helm:\n{generator}  - clusters: {{}}\n  template:\n    metadata: {{name: '{{{{name}}}}'}}\n    spec:\n      source:\n        chart: cloudzero-agent\n        repoURL: https://cloudzero.github.io/cloudzero-charts\n        targetRevision: 1.2.13\n        helm:\n          valuesObject: {{components: {{agent: {{image: {{repository: {of_set}}}}}}}}}\n"
        )
    };
    for generator in [
        "              valuesObject: {components: {agent: {image: {repository: NAME}}}}\n",
        "              parameters: [{name: components.agent.image.repository, value: NAME}]\n",
        "              valuesObject: null\n              values: |\n                components: {agent: {image: {repository: NAME}}}\n",
    ] {
        check(&[("set.yaml", &set(generator, "NAME"))]);
    }
}

/// A patch that is a template may say anything, and is counted as not read.
#[test]
fn a_patch_of_the_template_of_an_application_set() {
    let set = |patch: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: cz}}\nspec:\n  templatePatch: |\n    spec:\n      {patch}\n  template:\n    metadata: {{name: '{{{{name}}}}'}}\n    spec:\n      source:\n        chart: cloudzero-agent\n        repoURL: https://cloudzero.github.io/cloudzero-charts\n        targetRevision: 1.2.13\n        helm:\n          valuesObject: {{components: {{agent: {{image: {{repository: {OFFICIAL}}}}}}}}}\n"
        )
    };
    for (patch, told) in [
        (
            "syncPolicy: {automated: {prune: {{ .prune }}}}",
            "[wrong-registry]",
        ),
        (
            "source: {helm: {parameters: [{name: a, value: b}]}}",
            "a part of it may be in values that were not read: look at what is rendered [unresolved-image]",
        ),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        super::write_files(
            folder.path(),
            &[
                ("set.yaml", &set(patch)),
                ("restore-images.yaml", &config(RULES)),
            ],
        );
        let arguments = ["check", "--verbose", "--format", "short", "."];
        let run = run_in_folder(folder.path(), &arguments, b"");
        let said = format!("{}{}", run.stderr, String::from_utf8_lossy(&run.stdout));
        let unread = "set.yaml:6:5: not read: ***: `templatePatch` is a template, and may say anything: look at the Applications that come of it";
        for told in [told, unread, "1 not read"] {
            assert!(said.contains(told), "{told}\n{said}");
        }
    }
}

/// `--set-string` comes after `--set`.
#[test]
fn parameters_that_are_forced_to_be_strings() {
    check(&[(
        "app.yaml",
        &format!(
            "{APPLICATION}      parameters:\n      - {{name: components.agent.image.repository, value: NAME, forceString: true}}\n      - {{name: components.agent.image.repository, value: {OFFICIAL}}}\n"
        ),
    )]);
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

/// kustomize finds its keys whatever their case.
#[test]
fn keys_of_a_kustomization_in_any_case() {
    for (key, name, inline) in [
        ("HelmCharts", "NAME", "VALUESINLINE"),
        ("HELMCHARTS", "name", "valuesinline"),
        ("HelmChartInflationGenerator", "ChartName", "valueslocal"),
    ] {
        let inflated = |image: &str| {
            format!(
                "{key}:\n- {name}: cloudzero-agent\n  {inline}: {{components: {{agent: {{image: {{repository: {image}}}}}}}}}\n"
            )
        };
        fixed(
            &config(RULES),
            &[("kustomization.yaml", &inflated(OFFICIAL))],
            &[("kustomization.yaml", &inflated(MAPPED))],
        );
    }
    check(&[
        (
            "kustomization.yaml",
            "HelmCharts:\n- Name: cloudzero-agent\n  ValuesFile: v.yaml\n",
        ),
        (
            "v.yaml",
            "components: {agent: {image: {repository: NAME}}}\n",
        ),
    ]);
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
    let why = "a part of it may be in values that were not read (Secret s): write its name in values that win over these, or look at what is rendered";
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

/// kustomize takes a null out of inline values, with what the file says: the chart's own value is read.
#[test]
fn a_null_in_inline_values_of_kustomize() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = [
        (
            "charts/app/Chart.yaml",
            "apiVersion: v2\nname: app\nversion: 1.0.0\n",
        ),
        (
            "charts/app/values.yaml",
            "image: {registry: docker.io, repository: acme/app, tag: v0}\n",
        ),
        ("v.yaml", "image: {registry: quay.io, tag: v1}\n"),
        (
            "kustomization.yaml",
            "helmCharts:\n- name: app\n  valuesFile: v.yaml\n  valuesInline: {image: {registry: null, repository: acme/inl}}\n",
        ),
    ];
    write_files(folder.path(), &files);
    let rules = "registries: [{source: quay.io, mirror: m.example.com/quay, scope: all}, {source: docker.io/acme/inl, mirror: m.example.com/inl, scope: all}]\n";
    std::fs::write(folder.path().join("restore-images.yaml"), config(rules)).expect("written");
    assert_text_eq(
        &warnings(folder.path()),
        "kustomization.yaml:4:54: warning: acme/inl:v1 → m.example.com/inl is not written: a part of it may be in values that were not read: look at what is rendered [unresolved-image]\n",
    );
    for (path, text) in files {
        let found = std::fs::read_to_string(folder.path().join(path)).expect("a file");
        assert_text_eq(&found, text);
    }
}

/// A file of an Application that begins with a slash counts from the root of the repository, and no other one
/// is taken for it.
#[test]
fn a_values_file_from_the_root_of_the_repository() {
    let app = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a, namespace: argocd}\nspec:\n  source: {repoURL: https://github.com/acme/deploy, path: apps/x, helm: {valueFiles: [/envv.yaml]}}\n";
    let values = |host: &str| format!("image: {{repository: {host}/a/c, tag: v1}}\n");
    let rules = "registries: [{source: quay.io, mirror: m.example.com/quay, scope: all}]\n";
    let (old, new) = (values("quay.io"), values("m.example.com/quay"));
    fixed(
        &config(rules),
        &[
            ("app.yaml", app),
            ("envv.yaml", &old),
            ("values/envv.yaml", &old),
        ],
        &[("envv.yaml", &new)],
    );
    let app = app.replace("/envv.yaml", "/values/envv.yaml");
    fixed(
        &config(rules),
        &[
            ("app.yaml", &app),
            ("envv.yaml", &old),
            ("values/envv.yaml", &old),
        ],
        &[("values/envv.yaml", &new)],
    );
}
