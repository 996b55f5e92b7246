//! Which images a list of images goes over, noted on each of them.
//!
//! Source: kustomize's `api/filters/imagetag` and its `ImageTagTransformer`.

use crate::krm::resource::group;

use super::target::Resource;
use super::value::{BuildValue, Pass, Trace};

/// A path to an image in a kind: `spec/image`.
#[derive(Debug, Clone)]
pub(super) struct ImagePath {
    pub(super) kind: String,
    pub(super) path: String,
}

/// Notes a list of images with every image that it goes over: those of all lists of containers at
/// any depth, once more those of pods and their templates, and those of added paths.
pub(super) fn run_list(
    resource: &mut Resource<'_, '_>,
    list: usize,
    paths: &[ImagePath],
    knows_pods: bool,
) {
    let value = &mut resource.value;
    if value.text_at(&["kind"]) == "CustomResourceDefinition" {
        return;
    }
    let api_group = group(value.text_at(&["apiVersion"])).to_owned();
    let kind = value.text_at(&["kind"]).to_owned();
    let is_pod = kind == "Pod" && api_group.is_empty();
    containers(value, list, &mut Vec::new(), (knows_pods, is_pod));
    for path in paths
        .iter()
        .filter(|path| path.kind.is_empty() || path.kind == kind)
    {
        let steps: Vec<&str> = path.path.split('/').collect();
        added(value, list, &steps);
    }
}

/// `knows_pods` says that pods and their templates are gone over once more.
fn containers(
    value: &mut BuildValue<'_, '_>,
    list: usize,
    above: &mut Vec<String>,
    (knows_pods, is_pod): (bool, bool),
) {
    let pods = (knows_pods, is_pod);
    match value {
        BuildValue::Mapping(pairs, _) => {
            for (key, value) in pairs {
                if matches!(&**key, "containers" | "initContainers")
                    && let BuildValue::Sequence(items, _) = value
                {
                    let keys: Vec<&str> = above.iter().map(String::as_str).collect();
                    let is_twice = match keys[..] {
                        ["spec"] => knows_pods && is_pod,
                        ["spec", "template", "spec"] => knows_pods,
                        _ => false,
                    };
                    for item in items {
                        if let Some(BuildValue::Scalar(image)) = item.get_mut("image") {
                            let trace = image.trace.get_or_insert_default();
                            trace.lists.push(Pass { list, is_twice });
                        }
                    }
                }
                above.push(key.to_string());
                containers(value, list, above, pods);
                above.pop();
            }
        }
        BuildValue::Sequence(items, _) => {
            above.push(String::new());
            for item in items {
                containers(item, list, above, pods);
            }
            above.pop();
        }
        BuildValue::Scalar(_) => {}
    }
}

fn added(value: &mut BuildValue<'_, '_>, list: usize, steps: &[&str]) {
    match (value, steps) {
        (BuildValue::Sequence(items, _), _) => {
            items.iter_mut().for_each(|item| added(item, list, steps))
        }
        (BuildValue::Scalar(image), []) => {
            let trace: &mut Trace = image.trace.get_or_insert_default();
            trace.lists.push(Pass {
                list,
                is_twice: false,
            });
        }
        (value @ BuildValue::Mapping(..), [step, rest @ ..]) => {
            let step = step.trim_end_matches("[]");
            if let Some(value) = value.get_mut(step) {
                added(value, list, rest);
            }
        }
        _ => {}
    }
}
