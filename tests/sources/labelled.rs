//! What kustomizations of trees of chance write beside images, and patches of layers above that meet it: labels,
//! annotations and replicas, and objects of the whole cluster. A build that is not followed there is taken for one
//! that kustomize refuses.

use super::chance::{extra, in_hundred, one, reached};
use super::tree::{Extra, Header, Object, Patch, Tree, to_pod_spec};
use crate::support::mutate::Chance;

/// What a layer writes, with what a JSON patch finds there: the path below the object, and the value.
struct Written {
    extra: Extra,
    found: Vec<(String, &'static str)>,
}

/// Gives a layer of some trees labels and the like, and one above it a patch that meets them.
pub(super) fn add(chance: &mut Chance, tree: &mut Tree) {
    if !in_hundred(chance, 25) {
        return;
    }
    let layers = tree.layers.iter().enumerate();
    let overlays = layers.filter_map(|(at, layer)| {
        let layer = layer.as_ref()?;
        let below = *layer.below.first()?;
        (layer.header != Header::Component).then_some((at, below))
    });
    let overlays: Vec<(usize, usize)> = overlays.collect();
    if overlays.is_empty() {
        return;
    }
    let (above, below) = overlays[chance.below(overlays.len())];
    let lower = tree.layers[below].as_ref().expect("a layer");
    let objects: Vec<Object> = reached(tree, lower).into_iter().cloned().collect();
    if in_hundred(chance, 25) {
        add_cluster_role(chance, tree, (above, below));
        return;
    }
    if objects.is_empty() {
        return;
    }
    let object = &objects[chance.below(objects.len())];
    let written = written(chance, object);
    let patch = if in_hundred(chance, 30) {
        selecting(chance, object)
    } else {
        meeting(chance, object, &written.found)
    };
    let layer = |tree: &mut Tree, at: usize, change: &dyn Fn(&mut super::tree::Layer)| {
        change(tree.layers[at].as_mut().expect("a layer"));
    };
    layer(tree, below, &|layer| layer.more.push(written.extra.clone()));
    layer(tree, above, &|layer| layer.patches.push(patch.clone()));
}

fn written(chance: &mut Chance, object: &Object) -> Written {
    let pod = to_pod_spec(object.kind);
    let template = match pod {
        ["spec"] => "/metadata".to_owned(),
        _ => format!("/{}/metadata", pod[..pod.len() - 1].join("/")),
    };
    let labels = || {
        vec![
            ("/metadata/labels/tier".to_owned(), "x"),
            (format!("{template}/labels/tier"), "x"),
            ("/spec/selector/matchLabels/tier".to_owned(), "x"),
        ]
    };
    let own = || vec![("/metadata/labels/tier".to_owned(), "x")];
    let (lines, found) = match chance.below(8) {
        0 => ("commonLabels: {tier: x}\n".to_owned(), labels()),
        1 => (
            "labels:\n- pairs: {tier: x}\n  includeSelectors: true\n".to_owned(),
            labels(),
        ),
        2 => (
            "labels:\n- pairs: {tier: x}\n  includeTemplates: true\n".to_owned(),
            labels(),
        ),
        3 => ("labels:\n- pairs: {tier: x}\n".to_owned(), own()),
        4 => (
            "commonAnnotations: {note: x}\n".to_owned(),
            vec![
                ("/metadata/annotations/note".to_owned(), "x"),
                (format!("{template}/annotations/note"), "x"),
            ],
        ),
        5 => (
            format!("replicas:\n- {{name: {}, count: 3}}\n", object.name),
            vec![("/spec/replicas".to_owned(), "3")],
        ),
        6 => (
            transformer("LabelTransformer", "labels: {tier: x}", "metadata/labels"),
            own(),
        ),
        _ => (
            transformer(
                "AnnotationsTransformer",
                "annotations: {note: x}",
                "metadata/annotations",
            ),
            vec![("/metadata/annotations/note".to_owned(), "x")],
        ),
    };
    Written {
        extra: extra(lines),
        found,
    }
}

fn transformer(kind: &str, says: &str, path: &str) -> String {
    format!(
        "transformers:\n- |-\n  apiVersion: builtin\n  kind: {kind}\n  metadata: {{name: labeller}}\n  {says}\n  fieldSpecs: [{{path: {path}, create: true}}]\n"
    )
}

/// A JSON patch of what a layer below writes.
fn meeting(chance: &mut Chance, object: &Object, found: &[(String, &'static str)]) -> Patch {
    let (path, value) = &found[chance.below(found.len())];
    let around = path.rsplit_once('/').map_or("", |(around, _)| around);
    let operation = match chance.below(4) {
        0 => format!("- {{op: remove, path: {path}}}\n"),
        1 => format!("- {{op: test, path: {path}, value: {value}}}\n"),
        2 => format!("- {{op: replace, path: {path}, value: {value}}}\n"),
        _ => format!("- {{op: add, path: {around}/more, value: {value}}}\n"),
    };
    Patch {
        list: "patches",
        target: Some(format!("kind: {}\nname: {}\n", object.kind, object.name)),
        text: operation,
        file: None,
    }
}

/// A patch of an image in what a layer below has labelled.
fn selecting(chance: &mut Chance, object: &Object) -> Patch {
    let selector = one(
        chance,
        &["labelSelector: tier=x\n", "annotationSelector: note=x\n"],
    );
    let path = to_pod_spec(object.kind).join("/");
    Patch {
        list: "patches",
        target: Some(format!("kind: {}\n{selector}", object.kind)),
        text: format!(
            "- {{op: replace, path: /{path}/containers/0/image, value: ghcr.io/acme/chosen:v5}}\n"
        ),
        file: None,
    }
}

/// An object of the whole cluster, and a patch of it that names a namespace.
fn add_cluster_role(chance: &mut Chance, tree: &mut Tree, (above, below): (usize, usize)) {
    let kind = one(
        chance,
        &["ClusterRole", "ClusterRoleBinding", "PriorityClass"],
    );
    let api = match kind {
        "PriorityClass" => "scheduling.k8s.io/v1",
        _ => "rbac.authorization.k8s.io/v1",
    };
    let text = |namespace: &str, more: &str| {
        format!("apiVersion: {api}\nkind: {kind}\nmetadata:\n  name: everywhere\n{namespace}{more}")
    };
    let spaces = ["", "  namespace: system\n"];
    let own = text(spaces[chance.below(2)], "");
    let patched = text(spaces[chance.below(2)], "  annotations: {note: x}\n");
    let lower = tree.layers[below].as_mut().expect("a layer");
    lower.others.push(("everywhere.yaml".to_owned(), own));
    let upper = tree.layers[above].as_mut().expect("a layer");
    upper.patches.push(Patch {
        list: "patches",
        target: None,
        text: patched,
        file: None,
    });
}
