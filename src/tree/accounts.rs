//! The ServiceAccounts and Secrets of a build, and which of them its pods name.
//!
//! Source: kustomize's `api/filters/nameref`, and its `namereference.go` for the kinds.

use std::collections::HashMap;

use crate::field::pod;
use crate::krm::item_config::ItemConfig;
use crate::krm::resource::group;

use super::target::BuiltResource;
use super::value::BuildValue;

/// The resources of a kind that others name, by all names that they have had.
struct NamedResources<'r, 'n, 's> {
    by_name: HashMap<&'r str, Vec<&'r BuiltResource<'n, 's>>>,
    /// Whether one of them has had several names, or will get another one.
    is_renamed: bool,
}

impl<'r, 'n, 's> NamedResources<'r, 'n, 's> {
    fn of(kind: &str, resources: &'r [BuiltResource<'n, 's>]) -> Self {
        let mut by_name: HashMap<&str, Vec<&BuiltResource<'_, '_>>> = HashMap::new();
        let mut is_renamed = false;
        for resource in resources.iter().filter(|resource| is_core(kind, resource)) {
            let mut names: Vec<&str> = resource.ids.iter().map(|id| &*id.name).collect();
            names.dedup();
            is_renamed |= names.len() > 1 || resource.is_hashed;
            for name in names {
                by_name.entry(name).or_default().push(resource);
            }
        }
        NamedResources {
            by_name,
            is_renamed,
        }
    }

    /// The resource that another one means by a name.
    fn meant(
        &self,
        referrer: &BuiltResource<'_, '_>,
        name: &str,
    ) -> Option<&'r BuiltResource<'n, 's>> {
        let space =
            |resource: &BuiltResource<'_, '_>| resource.ids.last().map(|id| id.namespace.clone());
        let known = self.by_name.get(name)?.iter().copied();
        let near: Vec<&BuiltResource<'_, '_>> =
            known.filter(|one| space(one) == space(referrer)).collect();
        let alike = near.iter().copied();
        let mut alike = alike.filter(|one| affixes(one) == affixes(referrer));
        // If two once had the same name, the one that was renamed in the same way as the referrer is
        // meant.
        match near[..] {
            [only] => Some(only),
            _ => alike.next().filter(|_| alike.next().is_none()),
        }
    }
}

/// What the workloads of a build mean by names: its ServiceAccounts and Secrets.
pub(super) struct NameReferences<'r, 'n, 's> {
    accounts: NamedResources<'r, 'n, 's>,
    secrets: NamedResources<'r, 'n, 's>,
}

/// The kinds in which kustomize follows the name of a ServiceAccount: at `serviceAccountName`, and never at
/// `serviceAccount`.
const NAMING_ACCOUNTS: [&str; 7] = [
    "CronJob",
    "DaemonSet",
    "Deployment",
    "Job",
    "Pod",
    "ReplicationController",
    "StatefulSet",
];

/// The kinds in which it follows the names of pull secrets.
const NAMING_SECRETS: [&str; 9] = [
    "CronJob",
    "DaemonSet",
    "Deployment",
    "Job",
    "Pod",
    "PodTemplate",
    "ReplicaSet",
    "ServiceAccount",
    "StatefulSet",
];

/// What stands for a hash, which is not computed here.
const HASH: &str = "HASH";

impl<'r, 'n, 's> NameReferences<'r, 'n, 's> {
    pub(super) fn of(resources: &'r [BuiltResource<'n, 's>]) -> Self {
        NameReferences {
            accounts: NamedResources::of("ServiceAccount", resources),
            secrets: NamedResources::of("Secret", resources),
        }
    }

    /// What a judge is told of the accounts.
    pub(super) fn gathered(&self) -> ItemConfig<'static> {
        let mut gathered = ItemConfig::default();
        for resource in self.accounts.by_name.values().flatten() {
            let secrets = resource.value.get("imagePullSecrets");
            let secrets = secrets
                .and_then(BuildValue::items)
                .unwrap_or_default()
                .iter();
            let names = secrets.filter_map(|item| item.get("name").and_then(BuildValue::scalar));
            let id = |key| resource.value.text_at(&["metadata", key]).to_owned();
            let now = |name: &str| self.secret_now(resource, name);
            let names = names.map(|name| now(name).unwrap_or_else(|| name.to_owned()));
            let names = names.collect();
            gathered.add_account(id("namespace"), id("name"), names);
        }
        gathered
    }

    /// The name that a build gives to the secret which a resource means by a name, where it is another
    /// one.
    fn secret_now(&self, referrer: &BuiltResource<'_, '_>, name: &str) -> Option<String> {
        if !NAMING_SECRETS.contains(&referrer.value.text_at(&["kind"])) {
            return None;
        }
        let meant = self.secrets.meant(referrer, name)?;
        let now = &meant.ids.last()?.name;
        let now = if meant.is_hashed {
            format!("{now}-{HASH}")
        } else {
            now.to_string()
        };
        Some(now).filter(|now| now != name)
    }

    /// Why a resource cannot be given a pull secret by this name, where its build gives that another one.
    pub(super) fn why_left(&self, referrer: &BuiltResource<'_, '_>, name: &str) -> Option<String> {
        let now = self.secret_now(referrer, name)?;
        let remedy = if now.ends_with(HASH) {
            "keep its name by `disableNameSuffixHash` and without a prefix"
        } else {
            "write that name in the configuration, or take the Secret out of the build"
        };
        Some(format!(
            "kustomize calls the Secret {name} {now} here: {remedy}"
        ))
    }

    /// Whether the build renames nothing that a workload could name.
    pub(super) fn are_as_written(&self) -> bool {
        !(self.accounts.is_renamed || self.secrets.is_renamed)
    }

    /// Gives what a workload names the names that it has in the end.
    pub(super) fn follow(&self, resource: &BuiltResource<'n, 's>, value: &mut BuildValue<'n, 's>) {
        if !self.are_those_of(resource) {
            self.rename(resource, value);
        }
    }

    /// Whether a resource names what it names as it is called in the end, since it names nothing or the build
    /// renames nothing that could be meant.
    pub(super) fn are_those_of(&self, resource: &BuiltResource<'n, 's>) -> bool {
        let api_group = group(resource.value.text_at(&["apiVersion"]));
        let kind = resource.value.text_at(&["kind"]);
        self.are_as_written() || !pod::keeps_images(api_group, kind)
    }

    fn rename(&self, referrer: &BuiltResource<'n, 's>, value: &mut BuildValue<'n, 's>) {
        let BuildValue::Mapping(pairs, _) = value else {
            return;
        };
        let names_account = NAMING_ACCOUNTS.contains(&referrer.value.text_at(&["kind"]));
        for (key, value) in pairs {
            match (&**key, value) {
                ("serviceAccountName", BuildValue::Scalar(name)) if names_account => {
                    let meant = self.accounts.meant(referrer, &name.text);
                    if let Some(now) = meant.and_then(|meant| meant.ids.last()) {
                        name.text = now.name.to_string().into();
                    }
                }
                ("imagePullSecrets", BuildValue::Sequence(items, _)) => {
                    for item in items {
                        if let Some(BuildValue::Scalar(name)) = item.get_mut("name")
                            && let Some(now) = self.secret_now(referrer, &name.text)
                        {
                            name.text = now.into();
                        }
                    }
                }
                (_, value) => self.rename(referrer, value),
            }
        }
    }
}

/// The prefix and suffix that a resource's present name adds to its first one.
fn affixes<'r>(resource: &'r BuiltResource<'_, '_>) -> Option<(&'r str, &'r str)> {
    let (first, last) = (resource.ids.first()?, resource.ids.last()?);
    last.name.split_once(&*first.name)
}

fn is_core(kind: &str, resource: &BuiltResource<'_, '_>) -> bool {
    resource.value.text_at(&["kind"]) == kind && resource.value.text_at(&["apiVersion"]) == "v1"
}
