//! Patches of a build, each for the resources that it names or selects.
//!
//! Source: kustomize's `api/internal/builtins/PatchTransformer.go`. Measured with kustomize 5.6.0.

use crate::tree::built::Built;
use crate::tree::images::Lists;
use crate::tree::kustomization::{Kustomization, Patch, field, text};
use crate::tree::sources::Sources;
use crate::tree::strategic::{self, Patched};
use crate::tree::target::{self, Id, NoSelector};
use crate::tree::unknown::{Unknown, Unplaced};
use crate::tree::value::BuildValue;
use crate::tree::{json_patch, refusals};

use super::obscure_all;

/// Runs a patch.
pub(super) fn run_patch<'n, 's>(
    sources: &Sources<'n, 's>,
    kustomization: &Kustomization<'n, 's>,
    patch: &Patch<'n, 's>,
    built: &mut Built<'n, 's>,
) {
    let holding = patch.document;
    let Some(documents) = sources.documents_of(kustomization, holding, patch.source) else {
        let file = patch.source.file();
        let absent = |path| refusals::absent(sources, kustomization, path, "patches");
        let absent = file.and_then(absent);
        let why = match &absent {
            Some(_) => "is not there",
            None => "cannot be read",
        };
        let absent = absent.map(|absent| Unknown::new(holding, patch.node, absent));
        built.lacking.extend(absent);
        // A patch that is not known may change whatever it selects.
        let what = match file {
            Some(path) => format!("the patch {path}, which {why},"),
            None => "a patch that cannot be read".to_owned(),
        };
        obscure_all(built, holding, patch.node, what);
        return;
    };
    let mut strategic = 0;
    for document in documents {
        // An empty document, after a last `---` or a comment, is no patch.
        if sources.documents[document].root.is_null() {
            continue;
        }
        if json_patch::is_broken_json(sources.documents[document].root) {
            let what = "a list of operations begins with `[` and is no JSON";
            built.refuse(Unknown::new(holding, patch.node, what));
        }
        match sources.value_of(document) {
            Ok(value) => {
                let is_json = value.items().is_some();
                for value in value.opened() {
                    strategic += usize::from(!is_json);
                    let fault = match refusals::no_patch(&value) {
                        Some(what) => Err(what.to_owned()),
                        None => {
                            let by_schema = kustomization.has_schema;
                            apply_patch(&sources.lists, (document, &value), patch, by_schema, built)
                        }
                    };
                    if let Err(what) = fault {
                        built.refuse(Unknown::new(holding, patch.node, what));
                    }
                }
                // Only the first document of a JSON patch counts.
                if is_json {
                    break;
                }
            }
            Err(error) => built.refuse(Unknown::new(holding, patch.node, error.what)),
        }
    }
    if strategic > 1 && patch.target.is_some() {
        let what = "several patches in one have a `target`";
        built.refuse(Unknown::new(holding, patch.node, what));
    }
}

/// Applies a patch to the resources that it is for.
///
/// # Errors
/// Why kustomize would refuse it.
fn apply_patch<'n, 's>(
    lists: &Lists<'n, 's>,
    (document, value): (usize, &BuildValue<'n, 's>),
    patch: &Patch<'n, 's>,
    by_schema: bool,
    built: &mut Built<'n, 's>,
) -> Result<(), String> {
    let id = Id::of(value);
    let named = built.resources.iter();
    let named = named.filter(|resource| resource.is_named_by(&id)).count();
    // A patch without `target` is for one resource, or kustomize refuses it.
    if patch.target.is_none() && (named > 1 || named == 0 && !built.is_open()) {
        let Id { kind, name, .. } = &id;
        return Err(match named {
            0 => format!("the patch for {kind} {name} finds no such resource"),
            _ => format!("the patch for {kind} {name} finds {named} resources"),
        });
    }
    let options = field(patch.node, "options");
    let allows = |key| options.and_then(|options| text(options, key)) == Some("true");
    let allowed = strategic::Allowed {
        name: allows("allowNameChange"),
        kind: allows("allowKindChange"),
    };
    let unclear = "a patch with a target that is not understood";
    let unclear = Unknown::new(patch.document, patch.node, unclear);
    let schema = "what a patch makes of a list by the schema of `openapi`, which is not followed,";
    let schema = Unknown::new(patch.document, patch.node, schema);
    let is_by_schema = by_schema && value.items().is_none() && strategic::sets_lists(value);
    let (mut is_unclear, mut is_placed) = (false, false);
    let mut deleted = Vec::new();
    let mut unfit = Ok(());
    if let Some(what) = patch.target.and_then(target::fault) {
        return Err(what);
    }
    for (position, resource) in built.resources.iter_mut().enumerate() {
        let is_meant = match patch.target {
            Some(target) => resource.is_selected_by(target),
            None => Ok(resource.is_named_by(&id)),
        };
        match is_meant {
            Ok(false) => continue,
            Ok(true) => {}
            Err(NoSelector::Unclear) => {
                is_unclear = true;
                resource.value.obscure(&unclear.what);
                continue;
            }
            Err(NoSelector::Refused(what)) => return Err(what),
        }
        is_placed = true;
        built.documents.insert(document);
        if value.items().is_some() {
            // What a generator makes of files is not known.
            let is_written = resource.value.site().is_some();
            let applied = json_patch::apply(&mut resource.value, value, lists, &mut built.tested);
            if applied.is_err() && is_written {
                let Id { kind, name, .. } = Id::of(&resource.value);
                unfit = Err(format!("a JSON patch does not fit {kind} {name}"));
            }
        } else {
            let patched = strategic::apply(resource, value, allowed, is_by_schema);
            if patched == Patched::Deleted {
                deleted.push(position);
            }
            if is_by_schema {
                resource.value.obscure(&schema.what);
            }
        }
        resource.renamed();
    }
    for position in deleted.into_iter().rev() {
        built.resources.remove(position);
    }
    if is_by_schema && is_placed {
        built.unknown.push(schema);
    }
    if is_unclear {
        built.unknown.push(unclear);
    } else if !is_placed && built.is_open() {
        let passes = Vec::new();
        built.unplaced.push(Unplaced { document, passes });
    }
    unfit
}
