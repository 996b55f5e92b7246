//! The values of charts in files that are judged together: in objects that install charts, in the
//! files and ConfigMaps that these refer to, beside charts, and in files that the configuration names.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::config::{Config, Date, ReadValues};
use crate::decide::claim::AgentSet;
use crate::edit::Edit;
use crate::error::Error;
use crate::finding::Finding;
use crate::judge::values::{self, Document, Installed, own_chart};
use crate::judge::{Context, ImageUse, Instances, Wants};
use crate::krm::gathered::Gathered;
use crate::krm::resource::{self, Budget, Resource};
use crate::krm::survey::Survey;
use crate::slot::Slot;
use crate::tree::{folder_of, join};
use crate::values::{
    ChartName, Content, Dependency, Elsewhere, Layer, Release, Root, TextAt, releases, texts,
};
use crate::yaml::{self, Node, Path, parse};

use super::source::Source;
use super::values::in_unit;

/// The files that values may be in.
pub(super) struct Among<'a> {
    /// The files.
    pub(super) files: &'a [Source<'a>],
    /// The day that exceptions are judged by.
    pub(super) today: Date,
    /// What else is wanted.
    pub(super) wants: Wants,
}

/// What the values in one file gave.
#[derive(Debug, Default)]
pub(super) struct OfValues {
    pub(super) edits: Vec<Edit>,
    pub(super) findings: Vec<Finding>,
    pub(super) images: Vec<ImageUse>,
    /// Where parts of images are written that were read.
    pub(super) read: BTreeSet<usize>,
}

/// What the values in all files gave, by the position of the file; each file that was read is there.
#[derive(Debug, Default)]
pub(super) struct Values {
    pub(super) files: BTreeMap<usize, OfValues>,
    pub(super) seen: AgentSet,
}

/// Kinds that releases refer to.
const REFERRED: [&str; 3] = ["ConfigMap", "HelmRepository", "OCIRepository"];

/// Judges the values of charts.
///
/// # Errors
/// A mapping that is read has a key twice.
pub(super) fn restore(
    files: &Among<'_>,
    config: &Config,
    gathered: &Gathered<'_>,
    surveys: &[(usize, &Survey<'_>)],
) -> Result<Values, Error> {
    if config.values == ReadValues::None {
        return Ok(Values::default());
    }
    let by_path = Paths::of(files);
    let first = by_path.installing(files, config, surveys);
    if first.is_empty() {
        return Ok(Values::default());
    }
    let read = |positions: &BTreeSet<usize>| -> Vec<File<'_>> {
        let read = positions
            .iter()
            .filter_map(|&position| File::read(files, position));
        read.collect()
    };
    let installing = read(&first);
    let mut more = BTreeSet::new();
    for file in &installing {
        for release in file.releases(0, &[]).map_err(Error::yaml)? {
            by_path.referred(file, &release.1, &mut more);
        }
        if file.is_chart() {
            more.extend(by_path.values_beside(&file.path));
        }
    }
    let needs_objects = installing.iter().any(|file| {
        file.text.contains("valuesFrom")
            || file.text.contains("ourceRef")
            || file.text.contains("chartRef")
    });
    if needs_objects {
        for (position, survey) in surveys {
            let refers = |kind: &str| REFERRED.contains(&kind);
            if survey.kinds.iter().any(|kind| refers(&kind.kind)) {
                more.insert(*position);
            }
        }
        more.extend(by_path.generating(files));
    }
    let more: BTreeSet<usize> = more.difference(&first).copied().collect();
    let mut all = installing;
    all.extend(read(&more));
    let mut generated = BTreeSet::new();
    for file in &all {
        generated.extend(by_path.generated(file).map_err(Error::yaml)?);
    }
    let known: BTreeSet<usize> = first.union(&more).copied().collect();
    let generated: BTreeSet<usize> = generated.difference(&known).copied().collect();
    all.extend(read(&generated));
    let tree = Tree::of(&by_path, &all).map_err(Error::yaml)?;
    let inner: Vec<Option<Node<'_>>> = tree
        .texts
        .iter()
        .map(|(_, text)| parse::document(text).ok())
        .collect();
    tree.judge(files, config, gathered, &inner)
        .map_err(Error::yaml)
}

/// The positions of files by their paths.
struct Paths {
    by_path: HashMap<String, usize>,
}

impl Paths {
    fn of(files: &Among<'_>) -> Self {
        let mut by_path = HashMap::new();
        let files = files.files.iter().enumerate();
        for (position, file) in files.filter(|(_, file)| !file.path.is_empty()) {
            by_path.extend(join("", file.path).map(|path| (path, position)));
        }
        Paths { by_path }
    }

    /// The files that may install charts.
    fn installing(
        &self,
        files: &Among<'_>,
        config: &Config,
        surveys: &[(usize, &Survey<'_>)],
    ) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        for (position, survey) in surveys {
            let mut kinds = survey.kinds.iter();
            let installs = kinds.any(|kind| config.keeps_values(&kind.group, &kind.kind));
            // A kustomization that brings no chart is no matter here.
            if installs
                && (!is_kustomization(&survey.kinds)
                    || files.files[*position].text.contains("elmChart"))
            {
                found.insert(*position);
            }
        }
        for (path, &position) in &self.by_path {
            let name = path.rsplit('/').next().unwrap_or_default();
            let text = files.files[position].text;
            let installs = match name {
                "kustomization.yaml" | "kustomization.yml" | "Kustomization" => {
                    text.contains("elmChart")
                }
                "fleet.yaml" => text.contains("helm"),
                "Chart.yaml" | "Chart.yml" => true,
                _ => config.values_files.iter().any(|named| named.is(path)),
            };
            if installs {
                found.insert(position);
            }
        }
        found
    }

    /// The kustomizations that generate ConfigMaps.
    fn generating(&self, files: &Among<'_>) -> Vec<usize> {
        let positions = self.by_path.values().copied();
        positions
            .filter(|&position| files.files[position].text.contains("configMapGenerator"))
            .collect()
    }

    /// The files of which a kustomization generates ConfigMaps.
    fn generated(&self, file: &File<'_>) -> Result<Vec<usize>, yaml::Error> {
        let mut found = Vec::new();
        for root in file.roots.iter().take(1) {
            for (_, path) in generated_files(root, None)? {
                let path = join(folder_of(&file.path), path);
                found.extend(path.and_then(|path| self.by_path.get(&path)).copied());
            }
        }
        Ok(found)
    }

    /// Values beside a chart: `values.yaml`, and those of an environment.
    fn values_beside(&self, chart: &str) -> Vec<usize> {
        let folder = folder_of(chart);
        let mut found: Vec<(&String, usize)> = Vec::new();
        for (path, &position) in &self.by_path {
            let name = path.rsplit('/').next().unwrap_or_default();
            let stem = name
                .strip_suffix(".yaml")
                .or_else(|| name.strip_suffix(".yml"));
            let is_values = stem.is_some_and(|stem| {
                stem == "values"
                    || stem.starts_with("values-")
                    || stem.starts_with("values.")
                    || stem.ends_with("-values")
                    || stem.ends_with(".values")
            });
            if is_values && folder_of(path) == folder {
                found.push((path, position));
            }
        }
        // The chart's own are the lowest layer.
        found.sort_by_key(|(path, _)| (path.len(), path.as_str()));
        found.into_iter().map(|(_, position)| position).collect()
    }

    /// The file of a path, or the only one whose path ends so: the root of the repository may be above
    /// what was given.
    fn find(&self, path: &str) -> Option<usize> {
        let path = join("", path)?;
        if let Some(&position) = self.by_path.get(&path) {
            return Some(position);
        }
        let end = format!("/{}", path.trim_start_matches('/'));
        let mut found = self
            .by_path
            .iter()
            .filter(|(known, _)| known.ends_with(&end));
        match (found.next(), found.next()) {
            (Some((_, &position)), None) => Some(position),
            _ => None,
        }
    }

    fn elsewhere(&self, from: &str, elsewhere: &Elsewhere<'_>) -> Option<usize> {
        match elsewhere {
            Elsewhere::File(file) => self.by_path.get(&join(folder_of(from), file)?).copied(),
            Elsewhere::FileIn { folder, file } => {
                let path = join(folder.trim_matches('/'), file)?;
                self.find(&path)
            }
            Elsewhere::Chart(folder) => {
                self.find(&format!("{}/Chart.yaml", folder.trim_end_matches('/')))
            }
            Elsewhere::ConfigMap { .. } => None,
        }
    }

    /// Notes the files that a release refers to.
    fn referred(&self, file: &File<'_>, release: &Release<'_, '_>, found: &mut BTreeSet<usize>) {
        for (_, elsewhere) in &release.elsewhere {
            found.extend(self.elsewhere(&file.path, elsewhere));
        }
    }
}

fn is_kustomization(kinds: &[crate::krm::kinds::ResourceKind]) -> bool {
    kinds
        .iter()
        .any(|kind| kind.group == "kustomize.config.k8s.io")
}

/// A file that was read.
struct File<'a> {
    position: usize,
    path: String,
    text: &'a str,
    roots: Vec<Node<'a>>,
}

impl<'a> File<'a> {
    fn read(files: &Among<'a>, position: usize) -> Option<Self> {
        let text = files.files[position].text;
        let path = join("", files.files[position].path);
        Some(File {
            position,
            path: path.unwrap_or_default(),
            text,
            roots: parse::documents(text).ok()?,
        })
    }

    fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    fn is_chart(&self) -> bool {
        matches!(self.name(), "Chart.yaml" | "Chart.yml")
    }

    /// The resources of the file: some files are one by their names.
    fn resources<'n>(&'n self) -> Result<Vec<(usize, Resource<'n, 'a>)>, yaml::Error> {
        let by_name = match self.name() {
            "fleet.yaml" => Some(("fleet.cattle.io/v1", "fleet.yaml")),
            "kustomization.yaml" | "kustomization.yml" | "Kustomization" => {
                Some(("kustomize.config.k8s.io/v1beta1", "Kustomization"))
            }
            _ => None,
        };
        let mut found = Vec::new();
        for (ordinal, root) in self.roots.iter().enumerate() {
            if let Some((api_version, kind)) = by_name {
                found.push((ordinal, plain(root, api_version, kind)));
                continue;
            }
            let mut budget = Budget::new(self.text.len() + 1);
            for resource in resource::resources(root, &mut budget)? {
                found.push((ordinal, resource));
            }
        }
        Ok(found)
    }

    fn releases<'n>(
        &'n self,
        first: usize,
        texts: &[TextAt<'n, 'a>],
    ) -> Result<Vec<(Resource<'n, 'a>, Release<'n, 'a>)>, yaml::Error> {
        let mut found = Vec::new();
        for (ordinal, resource) in self.resources()? {
            for release in releases(&resource, first + ordinal, texts)? {
                found.push((resource.clone(), release));
            }
        }
        Ok(found)
    }
}

/// A resource that names no kind.
fn plain<'n, 's>(node: &'n Node<'s>, api_version: &'n str, kind: &'n str) -> Resource<'n, 's> {
    Resource {
        node,
        path: Path::default(),
        api_version,
        kind,
        name: "",
        namespace: "",
    }
}

/// The files that were read, and the documents in texts of theirs.
struct Tree<'t, 'a> {
    paths: &'t Paths,
    files: &'t [File<'a>],
    /// The position of the first document of each file.
    first: Vec<usize>,
    /// Texts that are documents, with the document that holds each.
    texts: Vec<((usize, Slot<'t, 'a>), &'t str)>,
}

impl<'t, 'a> Tree<'t, 'a> {
    fn of(paths: &'t Paths, files: &'t [File<'a>]) -> Result<Self, yaml::Error> {
        let mut tree = Tree {
            paths,
            files,
            first: Vec::new(),
            texts: Vec::new(),
        };
        let mut first = 0;
        for file in files {
            tree.first.push(first);
            for (ordinal, resource) in file.resources()? {
                let mut slots = texts(&resource)?;
                if resource.kind == "ConfigMap" {
                    slots.extend(data(&resource)?);
                }
                for slot in slots {
                    let text = slot.node()?.and_then(Node::text).unwrap_or_default();
                    tree.texts.push(((first + ordinal, slot), text));
                }
            }
            first += file.roots.len();
        }
        Ok(tree)
    }

    /// The first document of the file of a position.
    fn document_of(&self, position: usize) -> Option<(usize, &'t File<'a>)> {
        let index = self
            .files
            .iter()
            .position(|file| file.position == position)?;
        Some((self.first[index], &self.files[index]))
    }

    fn documents(&self, files: &Among<'_>, inner: &'t [Option<Node<'t>>]) -> Vec<Document<'t, 't>> {
        let mut documents: Vec<Document<'t, 't>> = Vec::new();
        for file in self.files {
            let is_excluded = files.files[file.position].left_out.is_some();
            for (ordinal, root) in file.roots.iter().enumerate() {
                documents.push(Document {
                    text: file.text,
                    root,
                    ordinal,
                    outer: None,
                    input: file.position,
                    is_excluded,
                    is_whole: true,
                });
            }
        }
        for (((document, slot), text), root) in self.texts.iter().zip(inner) {
            let outer = &documents[*document];
            let (root, input, is_excluded) = (
                root.as_ref().unwrap_or(outer.root),
                outer.input,
                outer.is_excluded,
            );
            documents.push(Document {
                text,
                root,
                ordinal: 0,
                outer: Some((*document, slot.clone())),
                input,
                is_excluded,
                is_whole: true,
            });
        }
        documents
    }

    fn judge(
        &'t self,
        files: &Among<'_>,
        config: &'t Config,
        gathered: &Gathered<'_>,
        inner: &'t [Option<Node<'t>>],
    ) -> Result<Values, yaml::Error> {
        let documents = self.documents(files, inner);
        let installed = self.installed(config, &documents, inner)?;
        let instances = Instances::new();
        let context = Context {
            config,
            today: files.today,
            gathered,
            instances: &instances,
            ordinal: 0,
            wants: files.wants,
            names: false,
            shares: false,
        };
        let settled = values::judge(&context, &installed, &documents)?;
        let edits = values::edits(&documents, &settled.wishes).unwrap_or_default();
        let mut values = Values {
            seen: settled.seen,
            ..Values::default()
        };
        for one in &installed {
            for layer in &one.release.layers {
                values
                    .files
                    .entry(documents[layer.document].input)
                    .or_default();
            }
        }
        for (document, at) in settled.read {
            let span = in_unit(&documents, document, at..at + 1);
            let input = documents[document].input;
            values
                .files
                .entry(input)
                .or_default()
                .read
                .insert(span.start);
        }
        for (document, draft) in settled.drafts {
            let outer = outermost(&documents, document);
            let input = documents[outer].input;
            let mut finding = draft.finding;
            finding.span = finding.span.map(|span| in_unit(&documents, document, span));
            finding.ordinal = documents[outer].ordinal;
            finding.resource = finding.resource.filter(|_| has_kind(documents[outer].root));
            if let (true, Some(wishes)) = (files.wants.fixes, draft.change) {
                let own = edits.get(&input).into_iter().flatten();
                let own = own.filter(|(_, of)| of.iter().any(|wish| wishes.contains(wish)));
                finding.fix = own.map(|(edit, _)| edit.clone()).collect();
            }
            values
                .files
                .entry(input)
                .or_default()
                .findings
                .push(finding);
        }
        for (document, mut image) in settled.images {
            image.span = in_unit(&documents, document, image.span);
            let input = documents[document].input;
            values.files.entry(input).or_default().images.push(image);
        }
        for (input, edits) in edits {
            let of_file = values.files.entry(input).or_default();
            of_file
                .edits
                .extend(edits.into_iter().map(|(edit, _)| edit));
        }
        Ok(values)
    }

    /// Everything that is installed, with its layers in their places.
    fn installed(
        &'t self,
        config: &'t Config,
        documents: &[Document<'t, 't>],
        inner: &'t [Option<Node<'t>>],
    ) -> Result<Vec<Installed<'t, 't>>, yaml::Error> {
        let own = documents.len() - self.texts.len();
        let texts = self.texts.iter().zip(inner).enumerate();
        let at: Vec<TextAt<'t, 't>> = texts
            .map(|(position, (((_, slot), _), root))| TextAt {
                slot: slot.clone(),
                document: own + position,
                root: root.as_ref(),
            })
            .collect();
        let mut found: Vec<(usize, Resource<'t, 't>, Release<'t, 't>)> = Vec::new();
        for (index, file) in self.files.iter().enumerate() {
            for (resource, mut release) in self.releases_of(file, self.first[index], &at)? {
                for (layer, elsewhere) in std::mem::take(&mut release.elsewhere) {
                    self.resolve(file, &resource, (layer, elsewhere), &at, &mut release)?;
                }
                self.name_chart(&mut release)?;
                found.push((self.document_in(index, &resource), resource, release));
            }
            found.extend(self.beside_chart(file, self.first[index])?);
            found.extend(self.named_by_configuration(config, file, self.first[index]));
        }
        joined(&mut found);
        let installed = found.into_iter().map(|(document, resource, release)| {
            Ok(Installed {
                own: own_chart(config, &release)?,
                resource,
                document,
                release,
            })
        });
        installed.collect()
    }

    fn releases_of(
        &self,
        file: &'t File<'a>,
        first: usize,
        texts: &[TextAt<'t, 't>],
    ) -> Result<Vec<(Resource<'t, 't>, Release<'t, 't>)>, yaml::Error> {
        let mut found = Vec::new();
        for (ordinal, resource) in file.resources()? {
            let resource: Resource<'t, 't> = resource;
            for release in releases(&resource, first + ordinal, texts)? {
                found.push((resource.clone(), release));
            }
        }
        Ok(found)
    }

    /// The document of a resource of a file.
    fn document_in(&self, index: usize, resource: &Resource<'_, '_>) -> usize {
        let file = &self.files[index];
        let within = |root: &Node<'_>| {
            root.span.start <= resource.node.span.start && resource.node.span.end <= root.span.end
        };
        let ordinal = file.roots.iter().position(within).unwrap_or(0);
        self.first[index] + ordinal
    }

    /// Puts a layer of another file in its place.
    fn resolve(
        &self,
        file: &File<'_>,
        resource: &Resource<'_, '_>,
        (layer, elsewhere): (usize, Elsewhere<'_>),
        texts: &[TextAt<'t, 't>],
        release: &mut Release<'t, 't>,
    ) -> Result<(), yaml::Error> {
        if let Elsewhere::ConfigMap { name, key } = elsewhere {
            if let Some(found) = self.config_map(resource.namespace, name, key, texts)? {
                release.layers[layer] = found;
            }
            return Ok(());
        }
        let Some(position) = self.paths.elsewhere(&file.path, &elsewhere) else {
            return Ok(());
        };
        if let Elsewhere::Chart(_) = elsewhere {
            return self.in_chart(position, layer, release);
        }
        if let Some((document, file)) = self.document_of(position) {
            let is_last = layer + 1 == release.layers.len()
                || !release.layers[layer + 1..].iter().any(|layer| layer.is_own);
            for layer in &mut release.layers[..layer] {
                layer.is_own &= !is_last;
            }
            release.layers[layer] = whole(document, file.roots.first(), is_last);
        }
        Ok(())
    }

    /// The values of a chart in the tree are the lowest layer of what installs it.
    fn in_chart(
        &self,
        position: usize,
        layer: usize,
        release: &mut Release<'t, 't>,
    ) -> Result<(), yaml::Error> {
        let Some((_, chart)) = self.document_of(position) else {
            return Ok(());
        };
        if let Some(root) = chart.roots.first() {
            release.chart.name = text(root, "name")?;
            release.chart.version = text(root, "version")?;
            release.dependencies = dependencies(root)?;
        }
        release.layers[layer].content = Content::Set(Vec::new());
        let values = self.paths.values_beside(&chart.path);
        let of = values.into_iter().find_map(|position| {
            let (document, file) = self.document_of(position)?;
            file.name()
                .starts_with("values.y")
                .then_some((document, file))
        });
        if let Some((document, file)) = of {
            release.layers[layer] = whole(document, file.roots.first(), false);
        }
        Ok(())
    }

    /// The values beside a chart, by themselves and with those of each environment above them.
    fn beside_chart(
        &self,
        chart: &'t File<'a>,
        document: usize,
    ) -> Result<Vec<(usize, Resource<'t, 't>, Release<'t, 't>)>, yaml::Error> {
        let (true, Some(root)) = (chart.is_chart(), chart.roots.first()) else {
            return Ok(Vec::new());
        };
        let mut base = Release::of(ChartName {
            name: text(root, "name")?,
            version: text(root, "version")?,
            ..ChartName::default()
        });
        base.dependencies = dependencies(root)?;
        let values = self.paths.values_beside(&chart.path);
        let values: Vec<(usize, &File<'_>)> = values
            .iter()
            .filter_map(|&position| self.document_of(position))
            .collect();
        let is_base = |file: &File<'_>| file.name().starts_with("values.y");
        for (document, file) in values.iter().filter(|(_, file)| is_base(file)) {
            base.layers.push(whole(*document, file.roots.first(), true));
        }
        let resource = || plain(root, "", "");
        let mut found = Vec::new();
        for (document, file) in values.iter().filter(|(_, file)| !is_base(file)) {
            let mut release = base.clone();
            release
                .layers
                .push(whole(*document, file.roots.first(), base.layers.is_empty()));
            found.push((*document, resource(), release));
        }
        if !base.layers.is_empty() {
            found.push((document, resource(), base));
        }
        Ok(found)
    }

    fn named_by_configuration(
        &self,
        config: &'t Config,
        file: &'t File<'a>,
        document: usize,
    ) -> Option<(usize, Resource<'t, 't>, Release<'t, 't>)> {
        let named = config
            .values_files
            .iter()
            .find(|named| named.is(&file.path))?;
        let root = file.roots.first()?;
        let mut release = Release::of(ChartName {
            name: named.chart.as_deref(),
            repository: named.repository.as_deref(),
            version: named.version.as_deref(),
            source: None,
        });
        release.layers.push(whole(document, Some(root), true));
        Some((document, plain(root, "", ""), release))
    }

    /// The key of the only ConfigMap of a name, or the file that one is generated of.
    fn config_map(
        &self,
        namespace: &str,
        name: &str,
        key: &str,
        texts: &[TextAt<'t, 't>],
    ) -> Result<Option<Layer<'t, 't>>, yaml::Error> {
        let mut found = Vec::new();
        for file in self.files {
            for (_, resource) in file.resources()? {
                let is_near = resource.namespace.is_empty()
                    || namespace.is_empty()
                    || resource.namespace == namespace;
                if resource.kind == "ConfigMap" && resource.name == name && is_near {
                    let slots = data(&resource)?;
                    let slot = slots.into_iter().find(|slot| slot.name() == key);
                    let same = |text: &&TextAt<'t, 't>| {
                        slot.as_ref().is_some_and(|slot| {
                            std::ptr::eq(slot.holder, text.slot.holder)
                                && slot.name() == text.slot.name()
                        })
                    };
                    let inner = texts.iter().find(same);
                    found.push(
                        inner.and_then(|inner| {
                            Some(whole(inner.document, Some(inner.root?), false))
                        }),
                    );
                }
                if resource.group() == "kustomize.config.k8s.io" {
                    let generated = generated_files(resource.node, Some(name))?;
                    for (_, path) in generated.into_iter().filter(|(own, _)| *own == key) {
                        let path = join(folder_of(&file.path), path);
                        let position = path.and_then(|path| self.paths.by_path.get(&path));
                        let at = position.and_then(|&position| self.document_of(position));
                        found.push(
                            at.map(|(document, file)| whole(document, file.roots.first(), false)),
                        );
                    }
                }
            }
        }
        match &mut found[..] {
            [one] => Ok(one.take()),
            _ => Ok(None),
        }
    }

    /// The chart's repository, and the name of a chart that an OCIRepository is.
    fn name_chart(&self, release: &mut Release<'t, 't>) -> Result<(), yaml::Error> {
        let Some((kind, name)) = release.chart.source else {
            return Ok(());
        };
        for file in self.files {
            for (_, source) in file.resources()? {
                if source.kind != kind
                    || source.name != name
                    || !source.group().ends_with("toolkit.fluxcd.io")
                {
                    continue;
                }
                let Some(spec) = source.node.get("spec")? else {
                    continue;
                };
                release.chart.repository = text(spec, "url")?;
                if kind == "OCIRepository" {
                    let url = release.chart.repository.unwrap_or_default();
                    release.chart.name = url.rsplit('/').next();
                    let tag = spec.get("ref")?;
                    release.chart.version = tag.map_or(Ok(None), |tag| text(tag, "tag"))?;
                }
            }
        }
        Ok(())
    }
}

/// Joins what several objects say of one release: a HelmChartConfig, and a part of a HelmRelease that
/// an overlay has.
fn joined(found: &mut Vec<(usize, Resource<'_, '_>, Release<'_, '_>)>) {
    let mut gone = BTreeSet::new();
    for part in 0..found.len() {
        let (_, resource, release) = &found[part];
        let base_kind = match resource.kind {
            "HelmChartConfig" => "HelmChart",
            "HelmRelease" if release.chart == ChartName::default() => "HelmRelease",
            _ => continue,
        };
        let is_base = |(_, other, release): &(usize, Resource<'_, '_>, Release<'_, '_>)| {
            let same = other.name == resource.name
                && (other.namespace == resource.namespace
                    || other.namespace.is_empty()
                    || resource.namespace.is_empty());
            other.kind == base_kind && same && release.chart != ChartName::default()
        };
        let bases: Vec<usize> = (0..found.len())
            .filter(|&base| base != part && is_base(&found[base]))
            .collect();
        let [base] = bases[..] else {
            continue;
        };
        let mut above = found[part].2.layers.clone();
        above.iter_mut().for_each(|layer| layer.is_own = false);
        let is_config = base_kind == "HelmChart";
        let below = found[base].2.clone();
        let target = if is_config { base } else { part };
        let release = &mut found[target].2;
        let set = below
            .layers
            .iter()
            .filter(|layer| matches!(layer.content, Content::Set(_)))
            .cloned();
        let set: Vec<Layer<'_, '_>> = set.collect();
        release.chart = below.chart;
        release.layers = below
            .layers
            .into_iter()
            .filter(|layer| !matches!(layer.content, Content::Set(_)))
            .collect();
        release.layers.extend(above);
        release.layers.extend(set);
        if is_config {
            gone.insert(part);
        }
    }
    let mut position = 0;
    found.retain(|_| {
        position += 1;
        !gone.contains(&(position - 1))
    });
}

/// A document that is values as a whole.
fn whole<'n, 's>(document: usize, root: Option<&'n Node<'s>>, is_own: bool) -> Layer<'n, 's> {
    let content = match root.filter(|root| root.entries().is_some()) {
        Some(holder) => Content::Tree(Root {
            holder,
            path: Path::default(),
            keys: Vec::new(),
        }),
        // A file of comments says nothing.
        None => Content::Set(Vec::new()),
    };
    Layer {
        document,
        content,
        is_own,
    }
}

/// The texts under `data`.
fn data<'n, 's>(resource: &Resource<'n, 's>) -> Result<Vec<Slot<'n, 's>>, yaml::Error> {
    let Some(data) = resource.node.get("data")? else {
        return Ok(Vec::new());
    };
    let path = resource.path.key("data");
    let entries = data.entries().unwrap_or_default().iter();
    let slots = entries
        .filter(|entry| entry.value.text().is_some())
        .filter_map(|entry| {
            let key = entry.key.scalar()?;
            let is_document =
                key.ends_with(".yaml") || key.ends_with(".yml") || key.contains("values");
            is_document.then(|| Slot::key(data, path.clone(), key))
        });
    Ok(slots.collect())
}

/// The keys of the ConfigMaps that a kustomization generates, of one name or of any, each with its file.
fn generated_files<'n>(
    node: &'n Node<'_>,
    name: Option<&str>,
) -> Result<Vec<(&'n str, &'n str)>, yaml::Error> {
    let generators = node.get("configMapGenerator")?.and_then(Node::items);
    let mut found = Vec::new();
    for generator in generators.unwrap_or_default() {
        let own = text(generator, "name")?;
        if name.is_some_and(|name| own != Some(name)) {
            continue;
        }
        let files = generator.get("files")?.and_then(Node::items);
        for file in files.unwrap_or_default().iter().filter_map(Node::text) {
            found.push(match file.split_once('=') {
                Some(pair) => pair,
                None => (file.rsplit('/').next().unwrap_or(file), file),
            });
        }
    }
    Ok(found)
}

/// The charts that a chart brings with it.
fn dependencies<'n>(chart: &'n Node<'_>) -> Result<Vec<Dependency<'n>>, yaml::Error> {
    let mut found = Vec::new();
    let items = chart.get("dependencies")?.and_then(Node::items);
    for item in items.unwrap_or_default() {
        let Some(name) = text(item, "name")? else {
            continue;
        };
        found.push(Dependency {
            chart: ChartName {
                name: Some(name),
                repository: text(item, "repository")?,
                version: text(item, "version")?,
                source: None,
            },
            key: text(item, "alias")?.unwrap_or(name),
        });
    }
    Ok(found)
}

fn text<'n>(node: &'n Node<'_>, key: &str) -> Result<Option<&'n str>, yaml::Error> {
    let text = node
        .get(key)?
        .filter(|node| !node.is_null())
        .and_then(Node::scalar);
    Ok(text.filter(|text| !text.is_empty()))
}

fn outermost(documents: &[Document<'_, '_>], document: usize) -> usize {
    match &documents[document].outer {
        Some((outer, _)) => outermost(documents, *outer),
        None => document,
    }
}

fn has_kind(root: &Node<'_>) -> bool {
    root.get("kind").ok().flatten().is_some()
}
