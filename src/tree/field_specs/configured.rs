//! Fields that files of `configurations` add to those that kustomize writes to by itself: they hold for the
//! kustomization that names the files, and for every layer above it.
//!
//! Source: kustomize's `api/internal/plugins/builtinconfig/transformerconfig.go` and `api/types/fieldspec.go`.

use crate::tree::kustomization::list;
use crate::yaml::Node;

use super::{FieldSpec, Written};

const KEYS: [(&str, Written); 8] = [
    ("namePrefix", Written::NamePrefix),
    ("nameSuffix", Written::NameSuffix),
    ("namespace", Written::Namespace),
    ("commonLabels", Written::CommonLabels),
    ("labels", Written::Labels),
    ("templateLabels", Written::TemplateLabels),
    ("commonAnnotations", Written::CommonAnnotations),
    ("replicas", Written::Replicas),
];

/// The fields of a build, each with what is written to it.
#[derive(Debug, Clone, Default)]
pub(in crate::tree) enum Configured<'n> {
    /// Nothing has been read yet.
    #[default]
    Empty,
    /// Those that kustomize knows.
    Known,
    /// These alone: a field of one kind keeps the same one of all kinds out (measured).
    Merged(Vec<(Written, FieldSpec<'n>)>),
}

impl<'n> Configured<'n> {
    /// Adds the fields that the files of a kustomization say, and those that kustomize knows.
    pub(in crate::tree) fn read(&mut self, roots: &[&'n Node<'_>]) {
        let mut own = Vec::new();
        for root in roots {
            for (key, written) in KEYS {
                let specs = FieldSpec::read_all(list(root, key)).into_iter();
                own.extend(specs.map(|spec| (written, spec)));
            }
        }
        if !own.is_empty() {
            own.extend(known());
            self.merge(own);
        } else if let Configured::Empty = self {
            *self = Configured::Known;
        }
    }

    /// Adds those of a layer below.
    pub(in crate::tree) fn extend(&mut self, below: Configured<'n>) {
        match below {
            Configured::Empty => {}
            Configured::Known => self.read(&[]),
            Configured::Merged(specs) => self.merge(specs),
        }
    }

    fn merge(&mut self, more: Vec<(Written, FieldSpec<'n>)>) {
        let mut all = match std::mem::take(self) {
            Configured::Empty => Vec::new(),
            Configured::Known => known().collect(),
            Configured::Merged(all) => all,
        };
        for (written, spec) in more {
            let is_there =
                |(what, known): &(Written, FieldSpec<'_>)| *what == written && known.is_also(&spec);
            if !all.iter().any(is_there) {
                all.push((written, spec));
            }
        }
        *self = Configured::Merged(all);
    }

    /// The fields that something is written to.
    pub(in crate::tree) fn of(&self, written: Written) -> Vec<FieldSpec<'n>> {
        match self {
            Configured::Empty | Configured::Known => super::known(written),
            Configured::Merged(all) => {
                let all = all.iter().filter(|(what, _)| *what == written);
                all.map(|(_, spec)| *spec).collect()
            }
        }
    }
}

/// All fields that kustomize knows.
fn known<'n>() -> impl Iterator<Item = (Written, FieldSpec<'n>)> {
    KEYS.into_iter().flat_map(|(_, written)| {
        let specs = super::known(written).into_iter();
        specs.map(move |spec| (written, spec))
    })
}
