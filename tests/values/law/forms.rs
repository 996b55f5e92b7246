//! Where the values of a case are written, and what they are when they are read again.

use serde_yaml::{Mapping, Value};

/// A way to write values in files, and to read from their texts what Helm is given, the lowest first.
#[derive(Clone, Copy)]
pub(super) struct Form {
    pub(super) write: fn(&str, &str) -> Vec<(&'static str, String)>,
    pub(super) read: fn(&[String]) -> Vec<String>,
}

pub(super) const FORMS: [Form; 2] = [
    Form {
        write: inline,
        read: |texts| vec![values_of(&texts[0])],
    },
    Form {
        write: overlaid,
        read: |texts| vec![data_of(&texts[1]), values_of(&texts[0])],
    },
];

fn release(chart: &str, from: &str, values: &str) -> String {
    let lines = values.lines().map(|line| format!("    {line}\n"));
    format!(
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: r}}\nspec:\n  chart: {{spec: {{chart: {chart}, version: 1.0.0}}}}\n{from}  values:\n{}",
        lines.collect::<String>()
    )
}

fn inline(chart: &str, values: &str) -> Vec<(&'static str, String)> {
    vec![("hr.yaml", release(chart, "", values))]
}

/// Every second value is in a ConfigMap, and an overlay sets one that no image has.
fn overlaid(chart: &str, values: &str) -> Vec<(&'static str, String)> {
    let all: Mapping = serde_yaml::from_str(values).expect("a mapping");
    let (mut below, mut above) = (Mapping::new(), Mapping::new());
    for (at, (key, value)) in all.into_iter().enumerate() {
        let of = if at % 2 == 0 { &mut below } else { &mut above };
        of.insert(key, value);
    }
    above.insert("patched".into(), "no".into());
    let text = |values: &Mapping| serde_yaml::to_string(values).expect("YAML");
    let data = text(&below);
    let data = data.lines().map(|line| format!("    {line}\n"));
    let data: String = data.collect();
    let from = "  valuesFrom: [{kind: ConfigMap, name: cfg}]\n";
    vec![
        ("base/hr.yaml", release(chart, from, &text(&above))),
        (
            "base/cm.yaml",
            format!(
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: cfg}}\ndata:\n  values.yaml: |\n{data}"
            ),
        ),
        (
            "base/kustomization.yaml",
            "resources: [hr.yaml, cm.yaml]\n".to_owned(),
        ),
        (
            "over/kustomization.yaml",
            "resources: [../base]\npatches:\n- target: {kind: HelmRelease}\n  patch: |-\n    - {op: replace, path: /spec/values/patched, value: 'yes'}\n"
                .to_owned(),
        ),
    ]
}

fn values_of(release: &str) -> String {
    let read: Value = serde_yaml::from_str(release).expect("YAML");
    serde_yaml::to_string(&read["spec"]["values"]).expect("YAML")
}

fn data_of(config_map: &str) -> String {
    let read: Value = serde_yaml::from_str(config_map).expect("YAML");
    let text = read["data"]["values.yaml"].as_str().unwrap_or_default();
    text.to_owned()
}
