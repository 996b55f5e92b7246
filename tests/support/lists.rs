//! Generated ResourceLists in every style, and pods that share values by anchors.

use proptest::prelude::*;

fn image() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "realtheory/theory-k8s-collector",
        "docker.io/realtheory/theory-k8s-collector:v1.2.3",
        "registry.local:5000/realtheory/theory-k8s-collector:latest",
        "reg.corp/hub/realtheory/theory-k8s-collector",
        "realtheory/theory-k8s-collector@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "nginx:1.25",
        "quay.io/x/y",
        "12:30",
        "$(IMAGE)",
        "auto",
    ])
    .prop_map(str::to_owned)
}

/// A value in one of the styles that a line can hold.
fn styled(value: String) -> impl Strategy<Value = String> {
    (0..5usize).prop_map(move |style| match style {
        0 => format!("'{value}'"),
        1 => format!("\"{value}\""),
        2 => format!("!!str \"{value}\""),
        3 => format!("\"{value}\" # a: b"),
        _ if value.starts_with('$') || value.contains("12:") => format!("'{value}'"),
        _ => value.clone(),
    })
}

fn container() -> impl Strategy<Value = Vec<String>> {
    let policy = prop::sample::select(vec!["", "Always", "Never", "'IfNotPresent'", "~"]);
    (
        image().prop_flat_map(styled),
        policy,
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(image, policy, name_first, quoted)| {
            let quote = |key: &str| {
                if quoted {
                    format!("\"{key}\"")
                } else {
                    key.to_owned()
                }
            };
            let mut lines = vec![format!("{}: {image}", quote("image"))];
            if !policy.is_empty() {
                lines.push(format!("{}: {policy}", quote("imagePullPolicy")));
            }
            lines.insert(
                if name_first { 0 } else { lines.len() },
                "name: c".to_owned(),
            );
            lines.push("env: [{name: A, value: 'image: x'}]".to_owned());
            lines
        })
}

/// An item of a ResourceList: a Deployment with one to three containers, or something else.
fn item() -> impl Strategy<Value = String> {
    let containers = prop::collection::vec(container(), 1..4);
    let deployment = (containers, any::<bool>(), 0..3usize).prop_map(|(containers, wide, tail)| {
        let indent = if wide { "          " } else { "        " };
        let mut text = String::from(
            "- apiVersion: apps/v1\n  kind: Deployment\n  metadata:\n    name: d\n    annotations:\n      config.kubernetes.io/path: 'a.yaml'\n      config.kubernetes.io/index: '0'\n  spec:\n    template:\n      spec:\n        containers:\n",
        );
        for lines in containers {
            text.push_str(&format!("{indent}- {}\n", lines.join(&format!("\n{indent}  "))));
        }
        text.push_str(["", "        # tail\n", "        restartPolicy: Always\n\n"][tail]);
        text
    });
    let other = prop::sample::select(vec![
        "- {apiVersion: v1, kind: Service, metadata: {name: s}}\n",
        "- apiVersion: v1\n  kind: ConfigMap\n  data:\n    x: |\n      image: nginx\n\n    y: &a >-\n      folded\n    z: *a\n",
        "# between\n- \"apiVersion\": v1\n  kind: Pod\n  spec: {containers: [{name: c, image: realtheory/theory-k8s-collector:v1}]}\n",
    ])
    .prop_map(str::to_owned);
    prop_oneof![3 => deployment, 1 => other]
}

/// What a ResourceList is put together from.
#[derive(Debug, Clone)]
pub(crate) struct Parts {
    pub(crate) items: Vec<String>,
    /// The lines of the configuration's `spec`.
    pub(crate) spec: Vec<&'static str>,
    pub(crate) crlf: bool,
}

impl Parts {
    /// The same list with other lines in its configuration.
    pub(crate) fn with(&self, spec: Vec<&'static str>) -> Self {
        Parts {
            spec,
            ..self.clone()
        }
    }

    pub(crate) fn text(&self) -> String {
        let items = if self.items.is_empty() {
            " []\n".to_owned()
        } else {
            format!("\n{}", self.items.concat())
        };
        let spec = self.spec.join("\n    ");
        let text = format!(
            "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:{items}functionConfig:\n  apiVersion: restore-images.dev/v1alpha1\n  kind: RestoreImages\n  metadata: {{name: c}}\n  spec:\n    {spec}\n"
        );
        if self.crlf {
            text.replace('\n', "\r\n")
        } else {
            text
        }
    }
}

/// Items under one of a few configurations, none of which says a mode.
pub(crate) fn parts() -> impl Strategy<Value = Parts> {
    let spec = prop::sample::select(vec![
        vec!["agents: [realtheory-collector]"],
        vec!["undeclaredMirrors: keep", "agents: [realtheory-collector]"],
        vec![
            "agents: [realtheory-collector]",
            "imagePullSecrets: [s]",
            "registries: [{source: docker.io, mirror: reg.corp/hub, scope: all}]",
        ],
    ]);
    let items = prop::collection::vec(item(), 0..5);
    (items, spec, any::<bool>()).prop_map(|(items, spec, crlf)| Parts { items, spec, crlf })
}

/// As [`parts`], as text; sometimes to be checked only.
pub(crate) fn list() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => parts().prop_map(|parts| parts.text()),
        1 => parts().prop_map(|parts| parts.with(vec!["mode: check"]).text()),
    ]
}

/// A container that shares with those before it: `shape` says how, `with` which one.
#[derive(Debug, Clone)]
pub(crate) struct Shared {
    shape: usize,
    with: usize,
    image: usize,
    flow: bool,
}

pub(crate) fn shared() -> impl Strategy<Value = Vec<Shared>> {
    let one = (0..7usize, 0..5usize, 0..4usize, any::<bool>());
    let one = one.prop_map(|(shape, with, image, flow)| Shared {
        shape,
        with,
        image,
        flow,
    });
    prop::collection::vec(one, 1..6)
}

/// A pod whose containers share images, policies and whole mappings by anchors.
pub(crate) fn pod_of(containers: &[Shared]) -> String {
    let mut text =
        String::from("apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n");
    for (index, container) in containers.iter().enumerate() {
        let image = [
            "realtheory/theory-k8s-collector",
            "docker.io/realtheory/theory-k8s-collector:v1",
            "nginx:1",
            "realtheory/theory-k8s-collector:v2",
        ][container.image];
        let with = container.with.min(index.saturating_sub(1));
        let shape = if index == 0 {
            container.shape.min(1)
        } else {
            container.shape
        };
        let pairs = match shape {
            0 => vec![
                format!("image: &i{index} {image}"),
                format!("name: c{index}"),
            ],
            1 => vec![
                format!("name: c{index}"),
                format!("image: &i{index} '{image}'"),
                "imagePullPolicy: Never".to_owned(),
            ],
            2 => vec![format!("image: *i{with} "), format!("env: [&i{index} x]")],
            3 => vec![
                format!("<<: *m{with} "),
                format!("name: &i{index} c{index}"),
            ],
            4 => vec![
                format!("<<: [*m{with} , *m0 ]"),
                format!("image: &i{index} {image}"),
            ],
            5 => vec![
                format!("name: *i{with} "),
                format!("image: &i{index} {image}"),
            ],
            _ => {
                text.push_str(&format!(
                    "  - *m{with}\n  - &m{index} {{name: &i{index} x}}\n"
                ));
                continue;
            }
        };
        if container.flow {
            text.push_str(&format!("  - &m{index} {{{}}}\n", pairs.join(", ")));
        } else {
            text.push_str(&format!("  - &m{index}\n    {}\n", pairs.join("\n    ")));
        }
    }
    text
}
