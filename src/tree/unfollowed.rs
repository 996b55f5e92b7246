//! What is said of all that cannot be followed: builds that kustomize would refuse, resources that
//! come from elsewhere, and images that something may change.

mod changeable;

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::finding::{Aspect, Finding, Rule};
use crate::judge::Met;
use crate::mask;
use crate::quote::piece;
use crate::yaml::Node;

use super::builds::Builds;
use super::built::Built;
use super::images::Unclear;
use super::kustomization::field;
use super::locations::{Answers, Placed};
use super::paths::folder_of;
use super::rendered::Field;
use super::unknown::{BroughtBy, Unknown};

/// By document and offset, something unknown with the roots that meet it.
type MetUnknowns<'u, 'n, 's> = BTreeMap<(usize, usize), (&'u Unknown<'n, 's>, Vec<usize>)>;

fn meet<'u, 'n, 's>(met: &mut MetUnknowns<'u, 'n, 's>, root: usize, unknown: &'u Unknown<'n, 's>) {
    let id = (unknown.document, unknown.node.span.start);
    let (_, roots) = met.entry(id).or_insert_with(|| (unknown, Vec::new()));
    if roots.last() != Some(&root) {
        roots.push(root);
    }
}

/// What is lacking, with how many others there are of the folder, and the roots: a folder that is not there is
/// told of once.
fn by_folder<'u, 'n, 's>(
    lacking: MetUnknowns<'u, 'n, 's>,
) -> Vec<(&'u Unknown<'n, 's>, usize, Vec<usize>)> {
    let mut found: Vec<(&Unknown<'_, '_>, usize, Vec<usize>)> = Vec::new();
    let mut known = HashMap::new();
    for (one, roots) in lacking.into_values() {
        let path = one.node.scalar().unwrap_or_default();
        let path = path.split_once('=').map_or(path, |(_, path)| path);
        let folder = folder_of(path);
        let id = (one.document, folder, roots.clone());
        match known.get(&id).filter(|_| !folder.is_empty()) {
            Some(&first) => {
                let (_, others, _): &mut (_, usize, _) = &mut found[first];
                *others += 1;
            }
            None => {
                known.insert(id, found.len());
                found.push((one, 0, roots));
            }
        }
    }
    found
}

impl<'n, 's> Builds<'_, 'n, 's> {
    /// Findings about constructs that are not followed in the builds of roots, and about the images
    /// that they may change; an image that is wrong already is reported elsewhere. Notes the exceptions that
    /// allow some of these.
    pub(super) fn unfollowed(
        &self,
        roots: &[usize],
        fields: &[Field<'n, 's>],
        seen: &mut Met,
    ) -> Vec<Placed<'n, 's>> {
        let fields = self.changeable(fields, seen);
        let mut lacking = MetUnknowns::new();
        let (mut refused, mut elsewhere, mut missing, mut unread, mut large, mut unknown) = (
            MetUnknowns::new(),
            MetUnknowns::new(),
            MetUnknowns::new(),
            MetUnknowns::new(),
            MetUnknowns::new(),
            MetUnknowns::new(),
        );
        for &root in roots {
            let Built {
                refused: why, open, ..
            } = &self.built[root];
            // Of a build that is refused, no more is known than that.
            if let Some(why) = why {
                meet(&mut refused, root, why);
                continue;
            }
            for one in &self.built[root].lacking {
                meet(&mut lacking, root, one);
            }
            for one in open {
                let met = match one.how {
                    BroughtBy::Elsewhere => &mut elsewhere,
                    BroughtBy::Missing => &mut missing,
                    BroughtBy::Unread => &mut unread,
                    BroughtBy::TooLarge => &mut large,
                    BroughtBy::Absent => continue,
                };
                meet(met, root, &one.unknown);
            }
            for one in &self.built[root].unknown {
                meet(&mut unknown, root, one);
            }
        }
        let mut placed = Vec::new();
        for (why, roots) in refused.into_values() {
            let message = format!(
                "kustomize would refuse to build {}, since {}, and so its manifests are checked by themselves: fix it, or leave it out by `files.exclude`",
                self.named(&roots),
                piece(&why.what)
            );
            placed.push(self.told(Rule::UnfollowedBuild, why, &roots, message));
        }
        for (why, others, roots) in by_folder(lacking) {
            let others = match others {
                0 => String::new(),
                1 => ", nor is another file of that folder".to_owned(),
                several => format!(", nor are {several} other files of that folder"),
            };
            let message = format!(
                "kustomize would refuse to build {}, since {}{others}: add it, or let something \
                 make it before each build",
                self.named(&roots),
                piece(&why.what)
            );
            placed.push(self.told(Rule::UnfollowedBuild, why, &roots, message));
        }
        for (one, roots) in missing.into_values() {
            let message = format!(
                "{} is not among the files that were read, and so not all is known that {} builds: \
                 give the folder that holds both",
                piece(&one.what),
                self.named(&roots)
            );
            placed.push(self.told(Rule::UnfollowedBuild, one, &roots, message));
        }
        for (one, roots) in unread.into_values() {
            let message = format!(
                "{} is not known, since the file cannot be read as YAML, and so not all is known that \
                 {} builds: fix the file",
                piece(&one.what),
                self.named(&roots)
            );
            placed.push(self.told(Rule::UnfollowedBuild, one, &roots, message));
        }
        for (one, roots) in large.into_values() {
            let message = format!(
                "{} is not followed to its end, since {} with its layers, patches or expressions: see what comes out with `check --rendered`",
                self.named(&roots),
                piece(&one.what)
            );
            placed.push(self.told(Rule::UnfollowedBuild, one, &roots, message));
        }
        for (one, roots) in elsewhere.into_values() {
            let message = format!(
                "{} is not read, and so its images are not checked in {}: `check --rendered` does it",
                piece(&one.what),
                self.named(&roots)
            );
            placed.push(self.told(Rule::UnreadSource, one, &roots, message));
        }
        for (one, roots) in unknown.into_values() {
            let is_reached = |field: &&&Field<'_, '_>| {
                roots.contains(&field.root) && field.trace.unknown.as_ref() == Some(&one.what)
            };
            let (images, are) = match fields.iter().filter(is_reached).count() {
                0 => continue,
                1 => ("1 image".to_owned(), "is"),
                several => (format!("{several} images"), "are"),
            };
            let advice = self.advice(roots[0], Some(one.document));
            let message = format!(
                "{} may change {images} of {}, which {are} not known to be right: {advice}, and allow them by \
                 an exception if that is right",
                piece(&one.what),
                self.named(&roots)
            );
            let mut told = self.told(Rule::UnresolvedImage, one, &roots, message);
            told.finding.allow = Aspect::OF_IMAGE.iter().copied().collect();
            placed.push(told);
        }
        placed.extend(self.told_of_changeable(&fields));
        placed.extend(self.cut());
        placed
    }

    /// Findings about kustomizations that are no YAML behind what kustomize reads of them.
    fn cut(&self) -> impl Iterator<Item = Placed<'n, 's>> {
        let documents = self.sources.documents.iter().enumerate();
        let cut = documents.filter(|(_, at)| {
            self.sources.cut.contains(&at.input) && at.inline.is_none() && at.ordinal == 0
        });
        cut.map(|(document, at)| {
            let path = self.editor.files[at.input].shown;
            let message = format!(
                "what follows the first document of {path} is not YAML: remove it, since kustomize does \
                 not read it, and nothing can be edited here"
            );
            let unknown = Unknown::new(document, at.root, "");
            self.told(Rule::UnfollowedBuild, &unknown, &[], message)
        })
    }

    /// Findings about entries that met an image and that versions of Flux treat differently.
    pub(super) fn unclear(&self, hit: &HashSet<usize>) -> Vec<Placed<'n, 's>> {
        let entries = self.sources.lists.entries.iter().enumerate();
        let met = entries.filter(|(position, _)| hit.contains(position));
        let unclear = met.filter_map(|(_, entry)| match &entry.unclear {
            Some(Unclear::Versions { document }) => Some((entry, *document)),
            _ => None,
        });
        let placed = unclear.map(|(entry, other)| {
            let other = self.sources.documents[other].input;
            let other = self.editor.files[other].shown;
            let message = format!(
                "the entry {} of images is merged with that of the same name in {other} by some \
                 versions of Flux and replaces it by others: say in it all that the other one says",
                piece(&mask::entry_name(&entry.fields.name))
            );
            let rule = Rule::ConflictingSources;
            Placed {
                document: entry.site.document,
                node: field(entry.site.node, "name").unwrap_or(entry.site.node),
                path: None,
                finding: Finding::new(rule, self.setting.config.mode, message),
                answers: Answers::default(),
            }
        });
        placed.collect()
    }

    /// Whether an entry that is not clear is what may change an image: it is told by itself.
    fn is_told_of_entry(&self, what: &str) -> bool {
        let mut entries = self.sources.lists.entries.iter();
        entries.any(|entry| match &entry.unclear {
            Some(unclear @ Unclear::Versions { .. }) => {
                *unclear.what() == *what && !self.is_excluded(entry.site.document)
            }
            _ => false,
        })
    }

    /// The paths of roots: the first, and how many more there are.
    fn named(&self, roots: &[usize]) -> String {
        let first = roots.first().map(|root| self.path_of(*root));
        let first = first.unwrap_or_default();
        match roots.len() {
            0 | 1 => first,
            2 => format!("{first} and 1 other root"),
            several => format!("{first} and {} other roots", several - 1),
        }
    }

    /// The document of a root, and what it holds.
    fn root_of(&self, root: usize) -> (usize, &'n Node<'s>) {
        let document = self.sources.kustomizations[root].document;
        (document, self.sources.documents[document].root)
    }

    /// A finding at its place: what is left out is reported where a root includes it.
    fn told(
        &self,
        rule: Rule,
        at: &Unknown<'n, 's>,
        roots: &[usize],
        message: String,
    ) -> Placed<'n, 's> {
        let of_root = roots.first().map(|root| self.root_of(*root));
        let of_root = of_root.filter(|_| self.is_excluded(at.document));
        let (document, node) = of_root.unwrap_or((at.document, at.node));
        Placed {
            document,
            node,
            path: None,
            finding: Finding::new(rule, self.setting.config.mode, message),
            answers: Answers::default(),
        }
    }
}
