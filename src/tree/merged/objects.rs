//! Objects of Flux and Argo CD, and files beside folders, read: which folder each builds, and with what.

use crate::krm::resource::group;
use crate::tree::kustomization::{MergedObject, field, list, text};
use crate::yaml::{Node, Path};

use super::directories::Directories;
use super::{GitOpsTool, Merge, Source};

/// Words of which a text with such an object holds one.
const GROUPS: [&str; 2] = ["kustomize.toolkit.fluxcd.io/", "argoproj.io/"];

/// Where the sources of Argo CD's objects are.
const SOURCES: &[(&str, &[&str])] = &[
    ("Application", &["spec"]),
    ("ApplicationSet", &["spec", "template", "spec"]),
];

/// What such a file at a path merges into the kustomization of its folder.
pub(in crate::tree) fn of_source_file<'n, 's>(
    document: usize,
    root: &'n Node<'s>,
    path: &'n str,
) -> Option<Merge<'n, 's>> {
    let (folder, name) = path.rsplit_once('/').unwrap_or((".", path));
    let merge = Merge {
        by: MergedObject {
            kind: "",
            name,
            document,
            start: root.span.start,
        },
        tool: GitOpsTool::ArgoCd,
        folder,
        settings: field(root, "kustomize")?,
        path: Path::default().key("kustomize"),
        images: None,
        source: Source::Unknown,
        template_patch: None,
        directories: None,
    };
    Some(merge).filter(Merge::says_something)
}

/// Whether a text may hold an object that builds a folder, told without reading it.
pub(crate) fn may_build(text: &str) -> bool {
    GROUPS.iter().any(|group| text.contains(group))
}

/// What the objects of a document build, those that merge nothing as well; a List's items are objects.
pub(in crate::tree) fn builds<'n, 's>(document: usize, root: &'n Node<'s>) -> Vec<Merge<'n, 's>> {
    let is_list = text(root, "kind").is_some_and(|kind| kind.ends_with("List"));
    if !is_list {
        return builds_of(document, root, &Path::default());
    }
    let items = list(root, "items").iter().enumerate();
    let path = Path::default().key("items");
    let items = items.flat_map(|(index, item)| builds_of(document, item, &path.index(index)));
    items.collect()
}

/// What an object at a path of a document builds.
fn builds_of<'n, 's>(document: usize, root: &'n Node<'s>, path: &Path<'n>) -> Vec<Merge<'n, 's>> {
    let kind = text(root, "kind").unwrap_or_default();
    let by = MergedObject {
        kind,
        name: field(root, "metadata").map_or("", |of| text(of, "name").unwrap_or_default()),
        document,
        start: root.span.start,
    };
    match group(text(root, "apiVersion").unwrap_or_default()) {
        "kustomize.toolkit.fluxcd.io" if kind == "Kustomization" => of_flux(root, path, by),
        "argoproj.io" => of_argo_cd(root, path, by),
        _ => Vec::new(),
    }
}

fn of_flux<'n, 's>(root: &'n Node<'s>, at: &Path<'n>, by: MergedObject<'n>) -> Vec<Merge<'n, 's>> {
    let merge = field(root, "spec").map(|settings| Merge {
        by,
        tool: GitOpsTool::Flux,
        folder: text(settings, "path").unwrap_or("./"),
        settings,
        path: at.key("spec"),
        images: None,
        source: field(settings, "sourceRef").map_or(Source::Unknown, |of| {
            let is_git = text(of, "kind") == Some("GitRepository");
            let name = text(of, "name").filter(|_| is_git);
            name.map_or(Source::Unknown, Source::Named)
        }),
        template_patch: None,
        directories: None,
    });
    merge.into_iter().collect()
}

fn of_argo_cd<'n, 's>(
    root: &'n Node<'s>,
    at: &Path<'n>,
    by: MergedObject<'n>,
) -> Vec<Merge<'n, 's>> {
    let Some((_, keys)) = SOURCES.iter().find(|(kind, _)| *kind == by.kind) else {
        return Vec::new();
    };
    let step = |(node, path): (&'n Node<'s>, Path<'n>), key: &&'static str| {
        Some((field(node, key)?, path.key(key)))
    };
    let Some((spec, path)) = keys.iter().try_fold((root, at.clone()), step) else {
        return Vec::new();
    };
    let single = field(spec, "source").map(|source| (source, path.key("source")));
    let several = list(spec, "sources").iter().enumerate();
    let several = several.map(|(index, source)| (source, path.key("sources").index(index)));
    let merge = |(source, path): (&'n Node<'s>, Path<'n>)| {
        Some(Merge {
            by,
            tool: GitOpsTool::ArgoCd,
            folder: text(source, "path")?,
            settings: field(source, "kustomize").unwrap_or(source),
            path: path.key("kustomize"),
            images: None,
            source: text(source, "repoURL").map_or(Source::Unknown, Source::Url),
            template_patch: None,
            directories: None,
        })
    };
    let mut all: Vec<Merge<'n, 's>> = single
        .into_iter()
        .chain(several)
        .filter_map(merge)
        .collect();
    if by.kind == "ApplicationSet" {
        let generators = field(root, "spec").map_or(&[][..], |spec| list(spec, "generators"));
        let of_generators = of_generators(root, at, by, field(spec, "source"));
        // Where each generator has a list of its own, nothing is built by that of the set.
        let lists = of_generators.iter().filter(|merge| merge.list().is_some());
        if !generators.is_empty() && lists.count() == generators.len() {
            all.clear();
        }
        all.extend(of_generators);
        let patch = field(root, "spec").and_then(|spec| field(spec, "templatePatch"));
        let patch = patch.filter(|patch| patch.scalar().is_some_and(sets_sources));
        let directories = Directories::of(generators);
        for merge in &mut all {
            merge.template_patch = patch;
            merge.directories.clone_from(&directories);
        }
    }
    all
}

/// Whether a patch of what an ApplicationSet makes may say what its folders are built with. It is a
/// template, which is no YAML until it is filled in.
fn sets_sources(patch: &str) -> bool {
    const WORDS: [&str; 3] = ["source", "toYaml", "toJson"];
    WORDS.iter().any(|word| patch.contains(word))
}

/// What templates of an ApplicationSet's generators merge: each wins over the source of the set, and lists
/// are not merged.
fn of_generators<'n, 's>(
    root: &'n Node<'s>,
    at: &Path<'n>,
    by: MergedObject<'n>,
    base: Option<&'n Node<'s>>,
) -> Vec<Merge<'n, 's>> {
    let Some(spec) = field(root, "spec") else {
        return Vec::new();
    };
    let generators = list(spec, "generators").iter().enumerate();
    let path = at.key("spec").key("generators");
    let templates = generators.flat_map(|(index, generator)| {
        let path = path.index(index);
        let entries = generator.entries().unwrap_or_default().iter();
        entries.filter_map(move |entry| {
            let path = path.key(entry.key.scalar()?).key("template").key("spec");
            let source = field(field(field(&entry.value, "template")?, "spec")?, "source")?;
            Some((source, path.key("source")))
        })
    });
    let merge = |(source, path): (&'n Node<'s>, Path<'n>)| {
        let says = |key| text(source, key).or(base.and_then(|base| text(base, key)));
        let own = (
            by.document,
            field(source, "kustomize")?,
            path.key("kustomize"),
        );
        let of_base = base.and_then(|base| field(base, "kustomize"));
        let mut merge = Merge {
            by,
            tool: GitOpsTool::ArgoCd,
            folder: says("path")?,
            settings: own.1,
            path: own.2.clone(),
            images: None,
            source: says("repoURL").map_or(Source::Unknown, Source::Url),
            template_patch: None,
            directories: None,
        };
        if let Some(settings) = of_base.filter(|_| merge.says_images_alone()) {
            merge.settings = settings;
            merge.images = Some(own);
        }
        Some(merge)
    };
    templates.filter_map(merge).collect()
}
