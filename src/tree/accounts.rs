//! The ServiceAccounts of a build, and which of them its pods name.
//!
//! Source: kustomize's `api/filters/nameref`.

use std::collections::HashMap;

use crate::field::pod;
use crate::krm::gathered::Gathered;
use crate::krm::resource::group;

use super::target::Resource;
use super::value::BuildValue;

/// The ServiceAccounts of a build, by all names that they have had.
pub(super) struct Accounts<'r, 'n, 's> {
    by_name: HashMap<&'r str, Vec<&'r Resource<'n, 's>>>,
}

impl<'r, 'n, 's> Accounts<'r, 'n, 's> {
    pub(super) fn of(resources: &'r [Resource<'n, 's>]) -> Self {
        let mut by_name: HashMap<&str, Vec<&Resource<'_, '_>>> = HashMap::new();
        for resource in resources.iter().filter(|resource| is_account(resource)) {
            let mut names: Vec<&str> = resource.ids.iter().map(|id| &*id.name).collect();
            names.dedup();
            for name in names {
                by_name.entry(name).or_default().push(resource);
            }
        }
        Accounts { by_name }
    }

    /// What a judge is told of them.
    pub(super) fn gathered(&self) -> Gathered<'static> {
        let mut gathered = Gathered::default();
        for resource in self.by_name.values().flatten() {
            let secrets = resource.value.get("imagePullSecrets");
            let secrets = secrets
                .and_then(BuildValue::items)
                .unwrap_or_default()
                .iter();
            let names = secrets.filter_map(|item| item.get("name").and_then(BuildValue::scalar));
            let id = |key| resource.value.text_at(&["metadata", key]).to_owned();
            let names = names.map(str::to_owned).collect();
            gathered.add_account(id("namespace"), id("name"), names);
        }
        gathered
    }

    /// Gives the accounts that a workload names the names that they have now.
    pub(super) fn follow(&self, resource: &Resource<'n, 's>, value: &mut BuildValue<'n, 's>) {
        let api_group = group(resource.value.text_at(&["apiVersion"]));
        let kind = resource.value.text_at(&["kind"]);
        if self.by_name.is_empty() || !pod::keeps_images(api_group, kind) {
            return;
        }
        self.rename(resource, value);
    }

    fn rename(&self, referrer: &Resource<'n, 's>, value: &mut BuildValue<'n, 's>) {
        let BuildValue::Mapping(pairs, _) = value else {
            return;
        };
        for (key, value) in pairs {
            match (&**key, value) {
                ("serviceAccountName" | "serviceAccount", BuildValue::Scalar(name)) => {
                    if let Some(now) = self.name_now(referrer, &name.text) {
                        name.text = now.to_owned().into();
                    }
                }
                (_, value) => self.rename(referrer, value),
            }
        }
    }

    /// The present name of the account that a workload means by a name.
    fn name_now(&self, referrer: &Resource<'_, '_>, name: &str) -> Option<&'r str> {
        let space =
            |resource: &Resource<'_, '_>| resource.ids.last().map(|id| id.namespace.clone());
        let known = self.by_name.get(name)?.iter().copied();
        let near: Vec<&Resource<'_, '_>> = { known }
            .filter(|one| space(one) == space(referrer))
            .collect();
        let alike = near.iter().copied();
        let mut alike = alike.filter(|one| affixes(one) == affixes(referrer));
        // If two accounts once had the same name, the one that was renamed in the same way as the
        // workload is meant.
        let meant = match near[..] {
            [only] => only,
            _ => alike.next().filter(|_| alike.next().is_none())?,
        };
        meant.ids.last().map(|id| &*id.name)
    }
}

/// The prefix and suffix that a resource's present name adds to its first one.
fn affixes<'r>(resource: &'r Resource<'_, '_>) -> Option<(&'r str, &'r str)> {
    let (first, last) = (resource.ids.first()?, resource.ids.last()?);
    last.name.split_once(&*first.name)
}

fn is_account(resource: &Resource<'_, '_>) -> bool {
    resource.value.text_at(&["kind"]) == "ServiceAccount"
        && resource.value.text_at(&["apiVersion"]) == "v1"
}
