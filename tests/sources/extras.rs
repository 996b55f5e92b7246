//! What trees of chance hold beside manifests, patches and lists of images: accounts, variables,
//! generators and transformers.

use super::chance::{extra, in_hundred, one};
use super::tree::{Extra, Layer, Object, Patch, Tree, account, indented, to_pod_spec};
use crate::support::mutate::Chance;

/// A ServiceAccount that some of a base's objects name.
pub(super) fn add_account(chance: &mut Chance, base: &mut Layer, number: usize) {
    if !in_hundred(chance, 40) {
        return;
    }
    let name = format!("robot-{number}");
    for object in &mut base.objects {
        object.account = in_hundred(chance, 70).then(|| name.clone());
    }
    let secret = one(chance, &["old-secret", "mirror-secret", "robot-secret"]);
    base.accounts
        .push((name, in_hundred(chance, 75).then_some(secret)));
}

/// An image that is a variable, whose value a generated ConfigMap holds.
pub(super) fn add_variable(chance: &mut Chance, base: &mut Layer) {
    if !in_hundred(chance, 4) {
        return;
    }
    let object = &mut base.objects[0];
    let container = &mut object.containers[0];
    let image = std::mem::replace(&mut container.image, "$(IMG)".to_owned());
    let path = to_pod_spec(object.kind).join("/");
    base.more.push(Extra {
        lines: format!(
            "configMapGenerator:\n- {{name: params, literals: [\"IMG={image}\"]}}\nvars:\n- name: IMG\n  objref: {{apiVersion: v1, kind: ConfigMap, name: params}}\n  fieldref: {{fieldpath: data.IMG}}\nconfigurations: [params.yaml]\n"
        ),
        files: vec![(
            "params.yaml".to_owned(),
            format!("varReference:\n- {{path: {path}/containers/image, kind: {}}}\n", object.kind),
        )],
    });
}

/// A manifest that a generator puts into a ConfigMap.
pub(super) fn held(chance: &mut Chance, image: &str, number: usize) -> Extra {
    let file = one(chance, &["job.yaml", "work/job.yaml", "work/job.txt"]);
    let name = format!("jobs-{}-{number}", chance.below(1000));
    Extra {
        lines: format!(
            "configMapGenerator:\n- name: {name}\n  files: [job.yaml={file}]\n  options: {{disableNameSuffixHash: true}}\n"
        ),
        files: vec![(
            file.to_owned(),
            format!(
                "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: job\nspec:\n  template:\n    spec:\n      containers:\n      - name: job\n        image: {image}\n"
            ),
        )],
    }
}

/// The layers that a layer's build holds, without itself.
fn below<'t>(tree: &'t Tree, layer: &'t Layer) -> Vec<&'t Layer> {
    let mut found = Vec::new();
    for lower in layer
        .below
        .iter()
        .filter_map(|index| tree.layers[*index].as_ref())
    {
        found.push(lower);
        found.extend(below(tree, lower));
    }
    found
}

/// A generator that puts into a ConfigMap of a layer below.
pub(super) fn merging_map(chance: &mut Chance, tree: &Tree, layer: &Layer) -> Option<Extra> {
    let behavior = one(chance, &["merge", "replace"]);
    let lines = below(tree, layer).into_iter().flat_map(|lower| &lower.more);
    let mut names = lines.filter_map(|extra| {
        let rest = extra.lines.strip_prefix("configMapGenerator:\n- {name: ")?;
        Some(rest.split_once(',')?.0)
    });
    let name = names.find(|name| name.starts_with("settings"))?;
    let lines =
        format!("configMapGenerator:\n- {{name: {name}, behavior: {behavior}, literals: [a=c]}}\n");
    Some(extra(lines))
}

/// A patch that gives a ServiceAccount of a layer below another secret.
pub(super) fn account_patch(tree: &Tree, layer: &Layer) -> Option<Patch> {
    let mut accounts = below(tree, layer)
        .into_iter()
        .flat_map(|lower| &lower.accounts);
    let (name, _) = accounts.next()?;
    Some(Patch {
        list: "patches",
        target: None,
        text: account(name, Some("patched-secret")),
        file: None,
    })
}

/// A transformer of kustomize's own: of images or of an object, in a file, a folder or the list.
pub(super) fn transformer(chance: &mut Chance, name: &str, reached: &[Object], new: &str) -> Extra {
    let mut tagger = format!(
        "apiVersion: builtin\nkind: ImageTagTransformer\nmetadata: {{name: tagger}}\nimageTag:\n  name: {name}\n  newName: {new}\n  newTag: v8\n"
    );
    let object = &reached[chance.below(reached.len())];
    let path = to_pod_spec(object.kind).join("/");
    // The fields of a kind once more, as any of a custom resource.
    if name.len().is_multiple_of(2) {
        let kind = object.kind;
        tagger += &format!("fieldSpecs:\n- path: {path}/containers[]/image\n  kind: {kind}\n");
    }
    let patch = format!("- op: replace\n  path: /{path}/containers/0/image\n  value: {new}:v9\n");
    let patcher = format!(
        "apiVersion: builtin\nkind: PatchTransformer\nmetadata: {{name: patcher}}\npatch: |-\n{}target: {{kind: {}, name: {}}}\n",
        indented(&patch, 2),
        object.kind,
        object.name
    );
    let text = if in_hundred(chance, 50) {
        tagger
    } else {
        patcher
    };
    let file = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    match chance.below(3) {
        0 => Extra {
            lines: "transformers:\n- changer.yaml\n".to_owned(),
            files: vec![file("changer.yaml", &text)],
        },
        1 => Extra {
            lines: "transformers:\n- changer\n".to_owned(),
            files: vec![
                file("changer/changer.yaml", &text),
                file("changer/kustomization.yaml", "resources:\n- changer.yaml\n"),
            ],
        },
        _ => extra(format!("transformers:\n- |-\n{}", indented(&text, 2))),
    }
}
