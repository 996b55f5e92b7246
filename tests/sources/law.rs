//! The law, and what a tree makes of it: building what `fix` wrote gives what restoring the build
//! gives.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::Path;

use super::build::{self, Fields};
use super::tree::Tree;
use crate::support::files;

/// How a tree breaks the law.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Breach {
    /// A field stays as it was where it should change, and `check` is clean.
    Silent,
    /// A field becomes what it neither was nor should be.
    Wrong,
    /// What was built before is not any more.
    Unbuildable,
    /// `check` is clean, and restoring the build changes something.
    FalselyClean,
    /// A second `fix` changes something.
    NotTheLast,
    /// `fix` ends with 0, and `check` after it does not.
    FixedButNotClean,
    /// `fix` or `check` does not do its work.
    Refused,
    /// A build is said to be refused that kustomize builds.
    RefusedFalsely,
}

/// What came of a tree, or of many.
#[derive(Debug, Default, Clone)]
pub(super) struct Tally {
    pub(super) trees: usize,
    pub(super) roots: usize,
    /// kustomize does not build them.
    pub(super) unbuilt: usize,
    /// Restoring the build ends with an error.
    pub(super) unrestored: usize,
    /// Right before and after.
    pub(super) right_already: usize,
    /// Differed, and what `fix` wrote builds as the restored build.
    pub(super) settled: usize,
    /// Differed, stays as it was in some field, and `check` says so.
    pub(super) left: usize,
    /// Stays as it was, and `check` is clean.
    pub(super) silent: usize,
    pub(super) wrong: usize,
    pub(super) unbuildable: usize,
    /// Trees that are all right, while `check` is not clean.
    pub(super) red_for_nothing: usize,
    pub(super) changed_trees: usize,
}

impl Tally {
    pub(super) fn add(&mut self, other: &Tally) {
        self.trees += other.trees;
        self.roots += other.roots;
        self.unbuilt += other.unbuilt;
        self.unrestored += other.unrestored;
        self.right_already += other.right_already;
        self.settled += other.settled;
        self.left += other.left;
        self.silent += other.silent;
        self.wrong += other.wrong;
        self.unbuildable += other.unbuildable;
        self.red_for_nothing += other.red_for_nothing;
        self.changed_trees += other.changed_trees;
    }

    pub(super) fn shown(&self) -> String {
        format!(
            "{} trees, {} of them changed by fix; {} red though every build is right\n\
             {} roots: {} are not built by kustomize, {} not restored as a stream\n  \
             {} right before and after\n  {} settled by fix\n  {} left and reported\n  \
             {} SILENT differences\n  {} became what they neither were nor should be\n  \
             {} are no longer built",
            self.trees,
            self.changed_trees,
            self.red_for_nothing,
            self.roots,
            self.unbuilt,
            self.unrestored,
            self.right_already,
            self.settled,
            self.left,
            self.silent,
            self.wrong,
            self.unbuildable
        )
    }
}

/// A tree's outcome.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) tally: Tally,
    pub(super) breaches: BTreeSet<Breach>,
    /// The differences and what the program said, for people.
    pub(super) told: String,
}

/// A root before `fix`.
struct Before<'t> {
    root: &'t str,
    built: Fields,
    restored: Fields,
}

/// Holds a tree against the law.
pub(super) fn judge(kustomize: &Path, tree: &Tree) -> Outcome {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    tree.write(&folder.join("tree"));
    fs::write(folder.join("c.yaml"), &tree.config).expect("written");
    let roots = tree.roots();
    let roots: Vec<&str> = roots.iter().map(String::as_str).collect();
    judge_at(kustomize, folder, &roots)
}

/// As [`judge`], of the folder `tree` beside the configuration `c.yaml` in a folder.
pub(super) fn judge_at(kustomize: &Path, folder: &Path, roots: &[&str]) -> Outcome {
    let mut outcome = Outcome::default();
    outcome.tally.trees = 1;
    let place = folder.join("tree");
    let mut before = Vec::new();
    for &root in roots {
        outcome.tally.roots += 1;
        let built = match build::build(kustomize, &place, root) {
            Ok(built) => built,
            Err(why) => {
                outcome.tally.unbuilt += 1;
                let _ = writeln!(outcome.told, "{root} is not built: {why}");
                continue;
            }
        };
        match build::restored(folder, &built) {
            Ok(restored) => before.push(Before {
                root,
                built: fields_of(root, &built),
                restored: fields_of(root, &restored),
            }),
            Err(why) => {
                outcome.tally.unrestored += 1;
                let _ = writeln!(outcome.told, "{root} is not restored as a stream: {why}");
            }
        }
    }
    if before.is_empty() {
        return outcome;
    }
    let (checked, said) = build::command(folder, &["check"]);
    let differs = before.iter().any(|root| root.built != root.restored);
    if checked == 0 && differs {
        outcome.breach(Breach::FalselyClean, "check, before fix, is clean", &said);
    }
    for Before { root, .. } in &before {
        if is_refused(&said, root) {
            outcome.breach(Breach::RefusedFalsely, root, &said);
        }
    }
    let old = files(&place);
    let (fixed, fix_said) = build::command(folder, &["fix"]);
    let new = files(&place);
    let (_, again_said) = build::command(folder, &["fix"]);
    if files(&place) != new {
        outcome.breach(
            Breach::NotTheLast,
            "a second fix changes files",
            &again_said,
        );
    }
    let (clean, check_said) = build::command(folder, &["check"]);
    if [checked, fixed, clean].iter().any(|code| *code > 1) {
        outcome.breach(
            Breach::Refused,
            "exit code 2",
            &format!("{said}{fix_said}{check_said}"),
        );
    }
    if fixed == 0 && clean != 0 {
        let what = "fix ends with 0, check after it does not";
        outcome.breach(Breach::FixedButNotClean, what, &check_said);
    }
    outcome.tally.changed_trees = usize::from(old != new);
    let all_right = after(kustomize, &place, &before, clean, &mut outcome);
    outcome.tally.red_for_nothing = usize::from(clean != 0 && all_right);
    if !outcome.breaches.is_empty() {
        let _ = writeln!(outcome.told, "\n~~~ fix said (exit {fixed})\n{fix_said}");
        let _ = writeln!(
            outcome.told,
            "~~~ check said after it (exit {clean})\n{check_said}"
        );
        for (name, text) in new
            .iter()
            .filter(|(name, text)| old.get(*name) != Some(*text))
        {
            let _ = writeln!(outcome.told, "~~~ {} after fix\n{text}", name.display());
        }
    }
    outcome
}

impl Outcome {
    fn breach(&mut self, breach: Breach, what: &str, said: &str) {
        self.breaches.insert(breach);
        let _ = writeln!(self.told, "{breach:?}: {what}\n{said}");
    }
}

/// Builds every root again; returns whether all are as they should be.
fn after(
    kustomize: &Path,
    place: &Path,
    before: &[Before<'_>],
    clean: i32,
    outcome: &mut Outcome,
) -> bool {
    let mut all_right = true;
    for Before {
        root,
        built,
        restored,
    } in before
    {
        let now = match build::build(kustomize, place, root) {
            Ok(now) => without_known(fields_of(root, &now), restored),
            Err(why) => {
                outcome.tally.unbuildable += 1;
                outcome.breach(Breach::Unbuildable, root, &why);
                all_right = false;
                continue;
            }
        };
        if now == *restored {
            let counted = if built == restored {
                &mut outcome.tally.right_already
            } else {
                &mut outcome.tally.settled
            };
            *counted += 1;
            continue;
        }
        all_right = false;
        let (told, is_wrong) = differences(built, restored, &now);
        if is_wrong {
            outcome.tally.wrong += 1;
            outcome.breach(Breach::Wrong, root, &told);
        } else if clean == 0 {
            outcome.tally.silent += 1;
            outcome.breach(Breach::Silent, root, &told);
        } else {
            outcome.tally.left += 1;
        }
    }
    all_right
}

/// The fields of a build; of what a chart gives, its images alone, since nothing else of it is in the tree.
pub(super) fn fields_of(root: &str, built: &str) -> Fields {
    let mut fields = build::fields(built);
    if root.starts_with("chart ") {
        fields.retain(|path, _| path.ends_with(".image"));
    }
    fields
}

/// The fields without the pull secrets that nothing asks for and that a ServiceAccount of the build lists:
/// what runs as it may use them anyway.
pub(super) fn without_known(mut now: Fields, restored: &Fields) -> Fields {
    const LIST: &str = ".imagePullSecrets[";
    let of_accounts = restored
        .keys()
        .filter(|path| path.starts_with("ServiceAccount "));
    let of_accounts = of_accounts.filter_map(|path| Some(path.split_once(LIST)?.1.to_owned()));
    let known: BTreeSet<String> = of_accounts.collect();
    now.retain(|path, _| {
        let secret = path.split_once(LIST).map(|(_, secret)| secret);
        restored.contains_key(path) || secret.is_none_or(|secret| !known.contains(secret))
    });
    now
}

/// Whether a report says that kustomize would refuse a root, and not one in a folder below it.
fn is_refused(said: &str, root: &str) -> bool {
    let sign = format!("would refuse to build tree/{root}/");
    let mut files = said.split(&sign).skip(1);
    files.any(|rest| !rest.split(',').next().unwrap_or_default().contains('/'))
}

/// The fields that are not as they should be, and whether one of them is not as it was either.
pub(super) fn differences(built: &Fields, restored: &Fields, now: &Fields) -> (String, bool) {
    let mut told = String::new();
    let mut is_wrong = false;
    let paths: BTreeSet<&String> = built
        .keys()
        .chain(restored.keys())
        .chain(now.keys())
        .collect();
    for path in paths {
        let at = |fields: &Fields| fields.get(path).cloned().unwrap_or("(none)".to_owned());
        let (was, should, is) = (at(built), at(restored), at(now));
        if is == should {
            continue;
        }
        is_wrong |= is != was;
        let _ = writeln!(
            told,
            "  {path}\n    was    {was}\n    should {should}\n    is     {is}"
        );
    }
    (told, is_wrong)
}

/// A tree that still breaks the law in this way, from which nothing more can be taken.
pub(super) fn smallest(kustomize: &Path, tree: &Tree, breach: Breach) -> Tree {
    let mut tree = tree.clone();
    let holds = |tree: &Tree| judge(kustomize, tree).breaches.contains(&breach);
    loop {
        let smaller = smaller(&tree).into_iter().find(|smaller| holds(smaller));
        match smaller {
            Some(smaller) => tree = smaller,
            None => return tree,
        }
    }
}

/// The tree with an object, or something in one, taken out, in every way.
fn smaller_objects(tree: &Tree) -> Vec<Tree> {
    let mut found = Vec::new();
    for (at, object) in tree.applied.iter().enumerate() {
        let mut without = |change: &dyn Fn(&mut Tree)| {
            let mut tree = tree.clone();
            change(&mut tree);
            found.push(tree);
        };
        without(&|tree| drop(tree.applied.remove(at)));
        for image in 0..object.images.len() {
            without(&|tree| drop(tree.applied[at].images.remove(image)));
        }
        for patch in 0..object.patches.len() {
            without(&|tree| drop(tree.applied[at].patches.remove(patch)));
        }
        for component in 0..object.components.len() {
            without(&|tree| {
                tree.applied[at].components.remove(component);
            });
        }
        if object.namespace.is_some() {
            without(&|tree| tree.applied[at].namespace = None);
        }
    }
    found
}

/// The tree with one thing taken out, in every way.
fn smaller(tree: &Tree) -> Vec<Tree> {
    let mut found = smaller_objects(tree);
    for index in (0..tree.layers.len()).rev() {
        let Some(layer) = &tree.layers[index] else {
            continue;
        };
        let mut without = |change: &dyn Fn(&mut Tree)| {
            let mut tree = tree.clone();
            change(&mut tree);
            found.push(tree);
        };
        without(&|tree| {
            tree.layers[index] = None;
            tree.applied.retain(|object| object.layer() != Some(index));
            let applied = tree.applied.iter_mut();
            applied.for_each(|object| object.components.retain(|other| *other != index));
            for layer in tree.layers.iter_mut().flatten() {
                layer.below.retain(|below| *below != index);
                layer.components.retain(|component| *component != index);
                layer.borrowed = layer.borrowed.filter(|borrowed| *borrowed != index);
            }
        });
        let mut lists: BTreeMap<&str, usize> = BTreeMap::new();
        lists.insert("objects", layer.objects.len());
        lists.insert("others", layer.others.len());
        lists.insert("images", layer.images.len());
        lists.insert("patches", layer.patches.len());
        lists.insert("more", layer.more.len());
        lists.insert("below", layer.below.len());
        lists.insert("components", layer.components.len());
        for (list, count) in lists {
            for at in 0..count {
                without(&|tree| {
                    let layer = tree.layers[index].as_mut().expect("a layer");
                    match list {
                        "objects" => drop(layer.objects.remove(at)),
                        "others" => drop(layer.others.remove(at)),
                        "images" => drop(layer.images.remove(at)),
                        "patches" => drop(layer.patches.remove(at)),
                        "more" => drop(layer.more.remove(at)),
                        "below" => drop(layer.below.remove(at)),
                        _ => drop(layer.components.remove(at)),
                    }
                });
            }
        }
        for (at, object) in layer.objects.iter().enumerate() {
            for container in 0..object.containers.len().saturating_sub(1) {
                without(&|tree| {
                    let layer = tree.layers[index].as_mut().expect("a layer");
                    layer.objects[at].containers.remove(container);
                });
            }
            if !object.init.is_empty() || !object.secrets.is_empty() || object.volume.is_some() {
                without(&|tree| {
                    let layer = tree.layers[index].as_mut().expect("a layer");
                    layer.objects[at].init.clear();
                    layer.objects[at].secrets.clear();
                    layer.objects[at].volume = None;
                });
            }
        }
    }
    found
}
