//! Namespaces, prefixes and suffixes that a build gives.
//!
//! Source: kustomize's `api/filters/namespace` and `api/internal/builtins/PrefixTransformer.go`.

use std::borrow::Cow;
use std::cell::Cell;
use std::sync::Arc;

use crate::tree::field_specs::FieldSpec;
use crate::tree::scope::{self, NamespaceChange};
use crate::tree::target::BuiltResource;
use crate::tree::value::BuildValue;

/// Gives resources a namespace, those that have one, and writes it to fields.
pub(super) fn set_namespace<'n>(
    namespace: &'n str,
    specs: &[FieldSpec<'_>],
    resources: &mut [BuiltResource<'n, '_>],
) {
    for resource in resources {
        let value = &mut resource.value;
        if scope::of(value) == NamespaceChange::Namespaced {
            let metadata = value.mapping_mut("metadata");
            metadata.set(Cow::Borrowed("namespace"), BuildValue::made(namespace));
        }
        let is_core = value.text_at(&["apiVersion"]) == "v1";
        for spec in specs {
            // The namespace itself is set above, whatever fields are said.
            if !spec.is_namespace() && (is_core || !spec.is_name()) {
                spec.each(value, &|value| *value = BuildValue::made(namespace));
            }
        }
        of_default_account(value, namespace);
        resource.renamed();
    }
}

/// Writes a namespace to the subjects of a binding that are called `default`.
fn of_default_account<'n>(value: &mut BuildValue<'n, '_>, namespace: &'n str) {
    if !matches!(
        value.text_at(&["kind"]),
        "RoleBinding" | "ClusterRoleBinding"
    ) {
        return;
    }
    let is_one = |subject: &BuildValue<'_, '_>| subject.text_at(&["name"]) == "default";
    let subjects = value.get("subjects").and_then(BuildValue::items);
    // Nothing is copied where there is none.
    if !subjects.unwrap_or_default().iter().any(is_one) {
        return;
    }
    if let Some(BuildValue::Sequence(subjects, _)) = value.get_mut("subjects") {
        for subject in subjects.iter_mut().filter(|subject| is_one(subject)) {
            subject.set(Cow::Borrowed("namespace"), BuildValue::made(namespace));
        }
    }
}

/// Puts a text before the names of resources and one behind them, and says whether it would come to other
/// fields as well: these are not followed.
pub(super) fn affix(
    (prefix, suffix): (&str, &str),
    specs: &[FieldSpec<'_>],
    resources: &mut [BuiltResource<'_, '_>],
    what: &Arc<str>,
) -> bool {
    let is_elsewhere = Cell::new(false);
    for resource in resources {
        if scope::keeps_name(&resource.value) {
            continue;
        }
        for spec in specs {
            if !spec.is_name() {
                spec.each(&mut resource.value, &|value| {
                    is_elsewhere.set(true);
                    value.obscure(what);
                });
            } else if spec.is_of(&resource.value) {
                let name = resource.value.text_at(&["metadata", "name"]);
                let name = format!("{prefix}{name}{suffix}");
                let metadata = resource.value.mapping_mut("metadata");
                metadata.set(Cow::Borrowed("name"), BuildValue::made(name));
                resource.renamed();
            }
        }
    }
    is_elsewhere.get()
}
