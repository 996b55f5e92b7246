//! Which images a list of images goes over, noted on each of them.
//!
//! Source: kustomize's `api/filters/imagetag` and its `ImageTagTransformer`.

use crate::krm::resource::{group, version};
use crate::yaml::Node;

use super::kustomization::text;
use super::target::BuiltResource;
use super::value::{BuildValue, ListPass, Reach, Trace};

/// A path to an image in a kind: `spec/image`.
#[derive(Debug, Clone)]
pub(super) struct ImagePath {
    group: String,
    version: String,
    kind: String,
    path: String,
}

impl ImagePath {
    /// The path that an item of a list of these says.
    pub(super) fn read(spec: &Node<'_>) -> Self {
        let says = |key| text(spec, key).unwrap_or_default().to_owned();
        ImagePath {
            group: says("group"),
            version: says("version"),
            kind: says("kind"),
            path: says("path"),
        }
    }

    /// Whether it is of a kind: what it leaves out is any.
    fn is_of(&self, api_version: &str, kind: &str) -> bool {
        let is = |wanted: &str, given: &str| wanted.is_empty() || wanted == given;
        is(&self.group, group(api_version))
            && is(&self.version, version(api_version))
            && is(&self.kind, kind)
    }

    /// The keys on the way, with the sign of a list behind those that hold one.
    fn steps(&self) -> Vec<String> {
        let escaped = self.path.replace("\\/", "\0");
        let steps = escaped.split('/').filter(|step| !step.is_empty());
        steps.map(|step| step.replace('\0', "/")).collect()
    }
}

/// Notes a list of images with every image that it goes over: those of all lists of containers at
/// any depth, once more those of pods and their templates, and those of added paths. Gives why kustomize
/// refuses to go over it, if it does.
pub(super) fn run_list(
    resource: &mut BuiltResource<'_, '_>,
    list: usize,
    paths: &[ImagePath],
    knows_pods: bool,
) -> Option<&'static str> {
    let value = &mut resource.value;
    if value.text_at(&["kind"]) == "CustomResourceDefinition" {
        return None;
    }
    let (api_version, kind) = (value.text_at(&["apiVersion"]), value.text_at(&["kind"]));
    let is_pod = kind == "Pod" && group(api_version).is_empty();
    let paths = paths.iter().filter(|path| path.is_of(api_version, kind));
    let paths: Vec<&ImagePath> = paths.collect();
    let mut fault = None;
    let reach = Reach::of(value, &|value| {
        let mut lists = CONTAINERS.iter().filter_map(|key| value.get(key));
        lists.any(|list| list.items().is_some())
    });
    let pass = ContainerPass {
        list,
        knows_pods,
        reach: &reach,
    };
    pass.containers(value, Above::Root, &mut 0, &mut fault);
    for path in paths {
        let steps = path.steps();
        let steps: Vec<&str> = steps.iter().map(String::as_str).collect();
        added(value, list, &steps);
    }
    if knows_pods && is_pod {
        volumes(value, &["spec", "volumes"], list);
    }
    if knows_pods {
        volumes(value, &["spec", "template", "spec", "volumes"], list);
    }
    fault
}

/// Notes a list with the images of a pod's volumes, which versions of kustomize before 5.7 leave alone.
fn volumes(value: &mut BuildValue<'_, '_>, keys: &[&str], list: usize) {
    // Nothing is copied where there are none.
    if value.at(keys).and_then(BuildValue::items).is_none() {
        return;
    }
    let found = keys.iter().try_fold(value, |value, key| value.get_mut(key));
    let Some(BuildValue::Sequence(items, _)) = found else {
        return;
    };
    for item in items {
        let image = item.get_mut("image");
        if let Some(BuildValue::Scalar(image)) = image.and_then(|of| of.get_mut("reference")) {
            let trace = image.trace.get_or_insert_default();
            // Paths that a kustomization adds count in every version.
            if trace.lists.last().is_none_or(|pass| pass.list != list) {
                trace.later.push(ListPass {
                    list,
                    is_twice: false,
                });
            }
        }
    }
}

/// The keys above a value, as far as they matter.
#[derive(Clone, Copy)]
enum Above {
    Root,
    Spec,
    SpecTemplate,
    SpecTemplateSpec,
    Others,
}

impl Above {
    fn with(self, key: &str) -> Self {
        match (self, key) {
            (Above::Root, "spec") => Above::Spec,
            (Above::Spec, "template") => Above::SpecTemplate,
            (Above::SpecTemplate, "spec") => Above::SpecTemplateSpec,
            _ => Above::Others,
        }
    }
}

/// The keys of lists of containers that lists of images go over.
const CONTAINERS: [&str; 2] = ["containers", "initContainers"];

/// A list of images on its way over lists of containers.
struct ContainerPass<'r> {
    list: usize,
    /// Whether pods and their templates are gone over once more.
    knows_pods: bool,
    /// Where such lists are.
    reach: &'r Reach,
}

impl ContainerPass<'_> {
    fn containers(
        &self,
        value: &mut BuildValue<'_, '_>,
        above: Above,
        at: &mut usize,
        fault: &mut Option<&'static str>,
    ) {
        match value {
            BuildValue::Mapping(..) | BuildValue::Sequence(..) if !self.reach.enter(at) => {}
            BuildValue::Mapping(pairs, _) => {
                for (key, value) in pairs {
                    if CONTAINERS.contains(&&**key)
                        && let BuildValue::Sequence(items, _) = value
                    {
                        let is_twice = match above {
                            // The paths have no kind: they are those of any resource.
                            Above::Spec | Above::SpecTemplateSpec => self.knows_pods,
                            _ => false,
                        };
                        for item in items {
                            if !(item.is_null() || item.pairs().is_some()) {
                                fault
                                    .get_or_insert("an item of a list of containers is no mapping");
                            }
                            match item.get_mut("image") {
                                Some(BuildValue::Scalar(image)) => {
                                    let trace = image.trace.get_or_insert_default();
                                    let list = self.list;
                                    trace.lists.push(ListPass { list, is_twice });
                                }
                                Some(_) => {
                                    fault.get_or_insert("the `image` of a container is no text");
                                }
                                None => {}
                            }
                        }
                    }
                    self.containers(value, above.with(key), at, fault);
                }
            }
            BuildValue::Sequence(items, _) => {
                for item in items {
                    self.containers(item, Above::Others, at, fault);
                }
            }
            BuildValue::Scalar(_) => {}
        }
    }
}

fn added(value: &mut BuildValue<'_, '_>, list: usize, steps: &[&str]) {
    match (value, steps) {
        (BuildValue::Sequence(items, _), _) => {
            items.iter_mut().for_each(|item| added(item, list, steps))
        }
        (BuildValue::Scalar(image), []) => {
            let trace: &mut Trace = image.trace.get_or_insert_default();
            trace.lists.push(ListPass {
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
