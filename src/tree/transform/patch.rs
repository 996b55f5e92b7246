//! Patches of a build, each for the resources that it names or selects.
//!
//! Source: kustomize's `api/internal/builtins/PatchTransformer.go`. Measured with kustomize 5.6.0.

use crate::quote::piece;
use crate::sort::sort_by_key;
use crate::tree::built::Built;
use crate::tree::images::TreeLists;
use crate::tree::json_patch::{self, Refused};
use crate::tree::kustomization::{Kustomization, Patch, field, text};
use crate::tree::sources::Sources;
use crate::tree::strategic::{self, Patched};
use crate::tree::target::{self, Id, NoSelector};
use crate::tree::unknown::{Unknown, Unplaced};
use crate::tree::value::BuildValue;
use crate::tree::{patches, refusals};
use crate::yaml::parse;

use super::obscure_all;

/// Runs a patch; `trims` says whether kustomize takes off what is blank around its text.
pub(super) fn run_patch<'n, 's>(
    sources: &Sources<'n, 's>,
    kustomization: &Kustomization<'n, 's>,
    patch: &Patch<'n, 's>,
    built: &mut Built<'n, 's>,
    trims: bool,
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
    if trims && is_cut_open(patch) {
        let what = "the first line of an inline patch is indented, and kustomize takes that indentation off \
                    it alone";
        built.refuse(Unknown::new(holding, patch.node, what));
    }
    let mut parts = Vec::new();
    for document in documents {
        let root = sources.documents[document].root;
        // An empty document, after a last `---` or a comment, is no patch.
        if root.is_null() {
            continue;
        }
        if json_patch::is_broken_json(root) {
            let what = "a list of operations begins with `[` and is no JSON";
            built.refuse(Unknown::new(holding, patch.node, what));
        }
        match sources.value_of(document) {
            // Only the first document of a JSON patch counts.
            Ok(value) if value.items().is_some() => {
                parts.push((0, document, 0, value));
                break;
            }
            Ok(value) => {
                let of_document = patches::parts(value).into_iter().enumerate();
                parts.extend(
                    of_document.map(|(part, (depth, value))| (depth, document, part, value)),
                );
            }
            Err(_) => {
                // kustomize takes a key that stands twice, and the last one of it.
                let what = "a patch with a key that stands twice, which is not followed,";
                obscure_all(built, holding, patch.node, what.to_owned());
                built.documents.insert(document);
                return;
            }
        }
    }
    let is_several = parts
        .iter()
        .filter(|(.., value)| value.items().is_none())
        .nth(1)
        .is_some();
    if patch.target.is_some() && is_several {
        let what = "several patches have one target";
        built.refuse(Unknown::new(holding, patch.node, what));
    }
    // What is in lists comes after what stands beside them.
    sort_by_key(&mut parts, |(depth, ..)| *depth);
    let has_own_schema = sources.has_own_schema(kustomization);
    for (_, document, part, value) in parts {
        if let Some(what) = refusals::no_patch(&value) {
            built.refuse(Unknown::new(holding, patch.node, what));
            continue;
        }
        let applied = Applied {
            document,
            part,
            value: &value,
            has_own_schema,
        };
        let unfit = apply_patch(&sources.lists, &applied, patch, built);
        match unfit {
            Err(Unfit::Otherwise(what)) => built.refuse(Unknown::new(holding, patch.node, what)),
            Err(Unfit::ByTest(what)) => {
                built.refuse_by_test(Unknown::new(holding, patch.node, what))
            }
            Ok(()) => {}
        }
    }
}

/// Whether an inline patch is one no more when what is blank around it is taken off, as kustomize does.
fn is_cut_open(patch: &Patch<'_, '_>) -> bool {
    let text = field(patch.node, "patch").and_then(|node| node.scalar());
    let text = text.filter(|text| text.trim_start_matches('\n').starts_with(' '));
    text.is_some_and(|text| parse::documents(text.trim()).is_err())
}

/// One patch that is being applied: what a document says, or an item of a list in it.
struct Applied<'v, 'n, 's> {
    /// Position of the document.
    document: usize,
    /// Position among the patches of the document.
    part: usize,
    value: &'v BuildValue<'n, 's>,
    /// Whether kustomizations of the build bring a schema of their own.
    has_own_schema: bool,
}

/// Why kustomize would refuse a patch, in words.
enum Unfit {
    /// It tests a text that is another one.
    ByTest(String),
    Otherwise(String),
}

/// Applies a patch to the resources that it is for.
///
/// # Errors
/// Why kustomize would refuse it.
fn apply_patch<'n, 's>(
    lists: &TreeLists<'n, 's>,
    &Applied {
        document,
        part,
        value,
        has_own_schema,
    }: &Applied<'_, 'n, 's>,
    patch: &Patch<'n, 's>,
    built: &mut Built<'n, 's>,
) -> Result<(), Unfit> {
    let id = Id::of(value);
    let named = built.resources.iter();
    let named = named.filter(|resource| resource.is_named_by(&id)).count();
    // A patch without `target` is for one resource, or kustomize refuses it.
    if patch.target.is_none() && (named > 1 || named == 0 && !built.is_open()) {
        let Id { kind, name, .. } = &id;
        return Err(Unfit::Otherwise(match named {
            0 => format!("the patch for {kind} {name} finds no such resource"),
            _ => format!("the patch for {kind} {name} finds {named} resources"),
        }));
    }
    let options = field(patch.node, "options");
    let allows = |key| options.and_then(|options| text(options, key)) == Some("true");
    let allowed = strategic::AllowedChange {
        name: allows("allowNameChange"),
        kind: allows("allowKindChange"),
    };
    let unclear = "a patch with a target that is not understood";
    let unclear = Unknown::new(patch.document, patch.node, unclear);
    let schema =
        "a patch of lists, which the schema of `openapi` decides and which is not followed,";
    let schema = Unknown::new(patch.document, patch.node, schema);
    let directive = "a `$patch` of a list that there is not,";
    let directive = Unknown::new(patch.document, patch.node, directive);
    let (mut is_unclear, mut is_placed) = (false, false);
    let (mut has_unread_schema, mut has_directive_left) = (false, false);
    let mut deleted = Vec::new();
    let mut unfit = Ok(());
    if let Some(what) = patch.target.and_then(target::fault) {
        return Err(Unfit::Otherwise(what));
    }
    let is_unread = has_own_schema && strategic::has_lists(value);
    let has_directives = strategic::has_directives(value);
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
                // What it sets is not known to come out as it is written.
                built.documents.insert(document);
                continue;
            }
            Err(NoSelector::Refused(what)) => return Err(Unfit::Otherwise(what)),
        }
        is_placed = true;
        built.documents.insert(document);
        if value.items().is_some() {
            // What a generator makes of files is not known.
            let is_written = resource.value.site().is_some();
            let tests = &mut built.tests;
            let applied = json_patch::apply(&mut resource.value, value, lists, tests);
            if let (Err(why), true) = (applied, is_written) {
                let Id { kind, name, .. } = Id::of(&resource.value);
                let what = format!("a JSON patch does not fit {kind} {name}");
                unfit = Err(match why {
                    Refused::Tested => Unfit::ByTest(what),
                    Refused::Misfit => Unfit::Otherwise(what),
                });
            }
        } else if let Some(word) = strategic::unknown_directive(value) {
            let word = piece(word);
            let what = format!("a patch has the strategy {word}, which is none");
            unfit = Err(Unfit::Otherwise(what));
        } else {
            if strategic::apply(resource, value, allowed, is_unread) == Patched::Deleted {
                deleted.push(position);
            } else if is_unread {
                has_unread_schema = true;
                resource.value.obscure(&schema.what);
            } else if has_directives && strategic::has_directives(&resource.value) {
                has_directive_left = true;
                resource.value.obscure(&directive.what);
            }
        }
        resource.renamed();
    }
    for position in deleted.into_iter().rev() {
        built.resources.remove(position);
    }
    if has_unread_schema {
        built.unknown.push(schema);
    }
    if has_directive_left {
        built.unknown.push(directive);
    }
    if is_unclear {
        built.unknown.push(unclear);
    } else if !is_placed && built.is_open() {
        let passes = Vec::new();
        built.unplaced.push(Unplaced {
            document,
            part,
            passes,
        });
    }
    unfit
}
