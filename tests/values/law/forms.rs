//! Where the values of a case are written, and what they are when they are read again.

use serde_yaml::{Mapping, Value};

use crate::support::mutate::Chance;

/// Files, by their paths.
type Written = Vec<(&'static str, String)>;

/// A way to write values in files, and to read from their texts what Helm is given for each root, the lowest first.
#[derive(Clone, Copy)]
pub(super) struct Form {
    pub(super) write: fn(&mut Chance, &str, &str) -> Written,
    pub(super) read: fn(&[String]) -> Vec<Vec<String>>,
}

pub(super) const FORMS: [Form; 3] = [
    Form {
        write: inline,
        read: |texts| vec![vec![values_of(&texts[0])]],
    },
    Form {
        write: overlaid,
        read: |texts| vec![vec![data_of(&texts[1]), values_of(&texts[0])]],
    },
    Form {
        write: patched,
        read: |texts| {
            let base = vec![data_of(&texts[1]), values_of(&texts[0])];
            let over = [base.clone(), vec![values_of(&texts[4])]].concat();
            vec![base, over]
        },
    },
];

fn release(chart: &str, from: &str, values: &str) -> String {
    let lines = values.lines().map(|line| format!("    {line}\n"));
    format!(
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: r}}\nspec:\n  chart: {{spec: {{chart: {chart}, version: 1.0.0}}}}\n{from}  values:\n{}",
        lines.collect::<String>()
    )
}

fn inline(_: &mut Chance, chart: &str, values: &str) -> Written {
    vec![("hr.yaml", release(chart, "", values))]
}

/// An overlay sets a value that no image has.
fn overlaid(_: &mut Chance, chart: &str, values: &str) -> Written {
    let mut files = based(chart, values);
    let patch = "resources: [../base]\npatches:\n- target: {kind: HelmRelease}\n  patch: |-\n    - {op: replace, path: /spec/values/patched, value: 'yes'}\n";
    files.push(("over/kustomization.yaml", patch.to_owned()));
    files
}

/// The same, and the overlay sets parts of images otherwise.
fn patched(chance: &mut Chance, chart: &str, values: &str) -> Written {
    let mut files = based(chart, values);
    let mut all: Value = serde_yaml::from_str(values).expect("a mapping");
    if let Value::Mapping(all) = &mut all {
        all.entry("registry".into()).or_insert("".into());
        if let Some(both) = all.get_mut("both") {
            let image = both["image"].as_mapping_mut().expect("a mapping");
            image.entry("registry".into()).or_insert("".into());
        }
    }
    let mut patch = others(chance, &all);
    patch.insert("patched".into(), "yes".into());
    let text = serde_yaml::to_string(&patch).expect("YAML");
    let lines = text.lines().map(|line| format!("    {line}\n"));
    let text = format!(
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: r}}\nspec:\n  values:\n{}",
        lines.collect::<String>()
    );
    files.extend([
        (
            "over/kustomization.yaml",
            "resources: [../base]\npatches: [{path: p.yaml}]\n".to_owned(),
        ),
        ("over/p.yaml", text),
    ]);
    files
}

/// Other registries, hosts and tags for some of the values.
fn others(chance: &mut Chance, values: &Value) -> Mapping {
    let mut found = Mapping::new();
    for (key, value) in values.as_mapping().into_iter().flatten() {
        let name = key.as_str().unwrap_or_default();
        let text = value.as_str().unwrap_or_default();
        let path = text.rsplit_once("acme/").map_or(text, |(_, path)| path);
        let other = match name {
            _ if value.is_mapping() => {
                let below = others(chance, value);
                (!below.is_empty()).then_some(Value::Mapping(below))
            }
            _ if chance.below(3) > 0 => None,
            _ if name.ends_with("egistry") => {
                let all = ["quay.io", "docker.io", "ghcr.io", "m.example.com/hub"];
                Some(all[chance.below(all.len())].into())
            }
            // A chart that puts a host before a name runs none that has one.
            "repository" | "image" if text.contains(".io/acme/") => {
                let all = ["quay.io/acme/", "docker.io/acme/", "acme/"];
                Some(format!("{}{path}", all[chance.below(all.len())]).into())
            }
            "tag" | "imageTag" => Some("v9".into()),
            _ => None,
        };
        if let Some(other) = other {
            found.insert(key.clone(), other);
        }
    }
    found
}

/// Every second value is in a ConfigMap.
fn based(chart: &str, values: &str) -> Written {
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
