//! Releases across files: resolves the layers of each, judges them together, and returns edits and
//! findings by file.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;

use crate::config::Config;
use crate::edit::{self, Edit};
use crate::judge::values::{self, Installed, ValuesDocument, own_chart, owners, unjudged};
use crate::judge::{Instances, JudgeContext};
use crate::krm::KUSTOMIZE_GROUP;
use crate::krm::gathered::Gathered;
use crate::krm::resource::Resource;
use crate::values::{
    ChartName, Content, Elsewhere, Layer, Release, TextAt, releases, template_patch, text_at,
};
use crate::yaml::{Error, Node};

use super::super::seen::Unread;
use super::file::{File, plain, texts_in};
use super::joined::{LocatedRelease, joined};
use super::layers::{GeneratedOf, InText, generated, whole};
use super::paths::Paths;
use super::{Among, Values, ValuesOf};
use crate::judge::values::unit::in_unit;

/// The files that were read, the resources in them, and the documents in texts of these.
pub(super) struct ReleaseSet<'t> {
    pub(super) paths: &'t Paths<'t>,
    files: &'t [File<'t>],
    /// Index into `files` by the file's position among all inputs.
    by_position: HashMap<usize, usize>,
    /// What is in each file.
    of_files: Vec<OfFile>,
    resources: Vec<(usize, Resource<'t, 't>)>,
    /// Resources by kind and name.
    by_name: HashMap<(&'t str, &'t str), Vec<usize>>,
    /// What ConfigMaps that kustomizations generate are made of, by name and key; `None` for what is not
    /// at hand.
    generated: HashMap<(String, &'t str), Vec<Option<Origin>>>,
    /// The keys of ConfigMaps that releases want.
    wanted: HashSet<&'t str>,
    /// Texts that are documents, with the document that holds each.
    pub(super) texts: Vec<(usize, InText<'t, 't>)>,
}

/// What a key of a generated ConfigMap is made of.
#[derive(Debug, Clone, Copy)]
enum Origin {
    /// A file, by its position.
    File(usize),
    /// A text, by its position among those of the set.
    Text(usize),
}

/// How many variants of one release are judged, each with other files: more are not known.
const MOST_VARIANTS: usize = 16;

const TEMPLATE_PATCH: &str =
    "`templatePatch` is a template, and may say anything: look at the Applications that come of it";

/// What a layer in another file may be.
enum Place<'t> {
    /// A file, by its position.
    File(usize),
    /// A layer that was found.
    Layer(Layer<'t, 't>),
    /// One that is not known.
    Unknown,
    /// None, in some environment.
    Nothing,
}

/// Whether what is elsewhere is a chart, and no file of values.
fn is_chart(elsewhere: &Elsewhere<'_>) -> bool {
    matches!(
        elsewhere,
        Elsewhere::Chart(_) | Elsewhere::ChartBeside(_) | Elsewhere::Pulled { .. }
    )
}

/// What is in one file.
struct OfFile {
    /// The position of its first document.
    first: usize,
    /// Positions among the resources and the texts.
    resources: Range<usize>,
    texts: Range<usize>,
}

impl<'t> ReleaseSet<'t> {
    pub(super) fn of(paths: &'t Paths<'t>, files: &'t [File<'t>]) -> Result<Self, Error> {
        let positions = files.iter().enumerate();
        let positions = positions.map(|(index, file)| (file.position, index));
        let mut set = ReleaseSet {
            paths,
            files,
            by_position: positions.collect(),
            of_files: Vec::new(),
            resources: Vec::new(),
            by_name: HashMap::new(),
            generated: HashMap::new(),
            wanted: HashSet::new(),
            texts: Vec::new(),
        };
        for release in files.iter().map(File::releases) {
            for (_, elsewhere) in release?.into_iter().flat_map(|release| release.elsewhere) {
                if let Elsewhere::ConfigMap { key, .. } = elsewhere {
                    set.wanted.insert(key);
                }
            }
        }
        let mut first = 0;
        for file in files {
            let (resources, held) = (set.resources.len(), set.texts.len());
            for (ordinal, resource) in file.resources()? {
                set.add(file, first + ordinal, resource)?;
            }
            set.of_files.push(OfFile {
                first,
                resources: resources..set.resources.len(),
                texts: held..set.texts.len(),
            });
            first += file.roots.len();
        }
        Ok(set)
    }

    fn add(
        &mut self,
        file: &File<'_>,
        document: usize,
        resource: Resource<'t, 't>,
    ) -> Result<(), Error> {
        let held = self.texts.len();
        let texts = texts_in(&resource, &self.wanted)?.into_iter();
        self.texts.extend(texts.map(|text| (document, text)));
        if resource.group() == KUSTOMIZE_GROUP {
            for one in generated(resource.node)? {
                let of = match one.of {
                    GeneratedOf::File(of) => self.paths.beside(&file.path, of).map(Origin::File),
                    GeneratedOf::Literal(literal) => {
                        let mut own = self.texts[held..].iter();
                        let is_it = |(_, text): &(usize, InText<'_, '_>)| {
                            std::ptr::eq(text.slot.holder, literal.slot.holder)
                                && text.slot.at == literal.slot.at
                        };
                        own.position(is_it).map(|at| Origin::Text(held + at))
                    }
                };
                let says = |key| text_at(resource.node, &[key]);
                let (prefix, suffix) = (says("namePrefix")?, says("nameSuffix")?);
                let (prefix, suffix) = (prefix.unwrap_or_default(), suffix.unwrap_or_default());
                // A release names it as it comes out, or kustomize follows the name.
                let names = [one.name.to_owned(), format!("{prefix}{}{suffix}", one.name)];
                for name in BTreeSet::from(names) {
                    let known = self.generated.entry((name, one.key));
                    known.or_default().push(of);
                }
            }
        }
        let id = (resource.kind, resource.name);
        self.by_name
            .entry(id)
            .or_default()
            .push(self.resources.len());
        self.resources.push((document, resource));
        Ok(())
    }

    /// The positions of the resources of a kind and name.
    fn named(&self, kind: &'t str, name: &'t str) -> &[usize] {
        self.by_name.get(&(kind, name)).map_or(&[], |found| found)
    }

    /// The first document of the file of a position.
    pub(super) fn document_of(&self, position: usize) -> Option<(usize, &'t File<'t>)> {
        let index = *self.by_position.get(&position)?;
        Some((self.of_files[index].first, &self.files[index]))
    }

    fn documents(
        &self,
        files: &Among<'_>,
        inner: &'t [Option<Node<'t>>],
    ) -> Vec<ValuesDocument<'t, 't>> {
        let mut documents: Vec<ValuesDocument<'t, 't>> = Vec::new();
        for file in self.files {
            let is_excluded = files.files[file.position].left_out.is_some();
            for (ordinal, root) in file.roots.iter().enumerate() {
                documents.push(ValuesDocument {
                    text: file.text,
                    root,
                    ordinal,
                    outer: None,
                    begins: 0,
                    input: file.position,
                    path: &file.path,
                    is_excluded,
                    is_whole: true,
                });
            }
        }
        for ((document, held), root) in self.texts.iter().zip(inner) {
            let outer = &documents[*document];
            let (root, (input, path), is_excluded) = (
                root.as_ref().unwrap_or(outer.root),
                (outer.input, outer.path),
                outer.is_excluded,
            );
            documents.push(ValuesDocument {
                text: held.text(),
                root,
                ordinal: 0,
                outer: Some((*document, held.slot.clone())),
                begins: held.within.start,
                input,
                path,
                is_excluded,
                is_whole: true,
            });
        }
        documents
    }

    /// Judges everything that is installed; `inner` are the roots of the texts.
    pub(super) fn judge(
        &'t self,
        files: &Among<'_>,
        config: &'t Config,
        gathered: &Gathered<'_>,
        inner: &'t [Option<Node<'t>>],
    ) -> Result<Values, Error> {
        let documents = self.documents(files, inner);
        let installed = self.installed(config, &documents, inner)?;
        let instances = Instances::new();
        let context = JudgeContext {
            config,
            today: files.today,
            gathered,
            instances: &instances,
            ordinal: 0,
            wants: files.wants,
            names: false,
            shares: false,
        };
        let settled = values::judge(&context, &installed, &documents, files.builds)?;
        let edits = values::edits(&documents, &settled.wishes).unwrap_or_default();
        let mut by_wish: HashMap<usize, Vec<&Edit>> = HashMap::new();
        for (edit, wishes) in edits.values().flatten() {
            for &wish in wishes {
                by_wish.entry(wish).or_default().push(edit);
            }
        }
        let mut values = Values {
            seen: settled.seen,
            ..Values::default()
        };
        for one in &installed {
            if let Some(why) = unjudged(config, &one.release) {
                let at = name_of_chart(one)?;
                let span = in_unit(&documents, one.document, at.span.clone());
                let of_file = values.of_file(documents[one.document].input);
                let why = why.into();
                of_file.unread.push(Unread { span, why });
            }
            if let Some(patch) = template_patch(&one.resource)? {
                let span = in_unit(&documents, one.document, patch.span.clone());
                let unread = &mut values.of_file(documents[one.document].input).unread;
                if unread.iter().all(|known| known.span != span) {
                    let why = TEMPLATE_PATCH.into();
                    unread.push(Unread { span, why });
                }
            }
            let layers = one
                .release
                .layers
                .iter()
                .map(|layer| layer.is_read().then(|| documents[layer.document].input));
            let layers: Vec<Option<usize>> = layers.collect();
            for (layer, at) in one.release.layers.iter().enumerate() {
                let of_file = values.of_file(documents[at.document].input);
                if layers[layer].is_some() {
                    of_file.values.push(ValuesOf {
                        chart: one.release.chart.name.map(str::to_owned),
                        installed_by: named(&one.resource),
                        agents: owners(config, &one.release),
                        layers: layers.clone(),
                        layer,
                    });
                }
            }
        }
        for (document, at) in settled.read {
            let span = in_unit(&documents, document, at..at + 1);
            let of_file = values.of_file(documents[document].input);
            of_file.read.insert(span.start);
        }
        for one in settled.counted {
            let input = documents[one.document].input;
            let own = one.written.into_iter();
            let own = own.filter(|(document, _)| documents[*document].input == input);
            let written = own.map(|(document, at)| in_unit(&documents, document, at..at + 1).start);
            let counted = &mut values.of_file(input).counted;
            counted.entry(one.name).or_default().extend(written);
        }
        for (document, span, why) in settled.unread {
            let span = in_unit(&documents, document, span);
            let unread = &mut values.of_file(documents[document].input).unread;
            if unread.iter().all(|known| known.span != span) {
                unread.push(Unread {
                    span,
                    why: why.into(),
                });
            }
        }
        for (document, draft) in settled.drafts {
            let outer = outermost(&documents, document);
            let input = documents[outer].input;
            let mut finding = draft.finding;
            finding.span = finding.span.map(|span| in_unit(&documents, document, span));
            finding.ordinal = documents[outer].ordinal;
            finding.resource = finding
                .resource
                .filter(|resource| !resource.kind.is_empty());
            if let (true, Some(wishes)) = (files.wants.fixes, draft.change) {
                let own = wishes.filter_map(|wish| by_wish.get(&wish)).flatten();
                let mut own: Vec<Edit> = own.map(|&edit| edit.clone()).collect();
                own.sort_by_key(edit::order);
                own.dedup();
                finding.fix = own.into();
            }
            values.of_file(input).findings.push(finding);
        }
        for (document, mut image) in settled.images {
            image.span = in_unit(&documents, document, image.span);
            let of_file = values.of_file(documents[document].input);
            of_file.images.push(image);
        }
        for (input, edits) in edits {
            let edits = edits.into_iter().map(|(edit, _)| edit);
            values.of_file(input).edits.extend(edits);
        }
        Ok(values)
    }

    /// Everything that is installed, with its layers in their places.
    fn installed(
        &'t self,
        config: &'t Config,
        documents: &[ValuesDocument<'t, 't>],
        inner: &'t [Option<Node<'t>>],
    ) -> Result<Vec<Installed<'t, 't>>, Error> {
        let own = documents.len() - self.texts.len();
        let texts = self.texts.iter().zip(inner).enumerate();
        let texts: Vec<TextAt<'t, 't>> = texts
            .map(|(position, ((_, held), root))| TextAt {
                slot: held.slot.clone(),
                document: own + position,
                root: root.as_ref(),
            })
            .collect();
        let mut found = Vec::new();
        let mut installed = BTreeSet::new();
        for file in self.files {
            for (_, elsewhere) in file.releases()?.into_iter().flat_map(|one| one.elsewhere) {
                if is_chart(&elsewhere) {
                    installed.extend(self.paths.elsewhere(file, &elsewhere));
                }
            }
        }
        let used = RefCell::new(BTreeSet::new());
        let files = |folder: &str, name: &str, namespace: &str| {
            self.source_files(&used, (folder, name, namespace))
        };
        let has_source_files = self.paths.source_files().next().is_some();
        for (of_file, file) in self.of_files.iter().zip(self.files) {
            for (document, resource) in &self.resources[of_file.resources.clone()] {
                // Those of files beside a source are its texts, too.
                let own = match has_source_files {
                    true => &texts[..],
                    false => &texts[of_file.texts.clone()],
                };
                for release in releases(resource, *document, own, &files)? {
                    for mut release in self.resolved(file, resource, release, &texts)? {
                        self.name_chart(&mut release)?;
                        found.push(LocatedRelease {
                            document: *document,
                            resource: resource.clone(),
                            release,
                        });
                    }
                }
            }
            let is_installed = installed.contains(&file.position);
            found.extend(self.beside_chart(file, of_file.first, is_installed)?);
            found.extend(self.named_by_configuration(config, file, of_file.first));
        }
        found.extend(self.beside_source_files(&used.borrow(), &texts)?);
        joined(&mut found);
        for one in &mut found {
            one.release.with_place(one.document, &one.resource);
        }
        let installed = found.into_iter().map(|one| {
            Ok(Installed {
                own: own_chart(config, &one.release)?,
                resource: one.resource,
                document: one.document,
                release: one.release,
            })
        });
        installed.collect()
    }

    /// A release with the layers of other files in their places: several times, where one of these is
    /// another file for each environment.
    fn resolved(
        &self,
        file: &File<'_>,
        resource: &Resource<'_, '_>,
        mut release: Release<'t, 't>,
        texts: &[TextAt<'t, 't>],
    ) -> Result<Vec<Release<'t, 't>>, Error> {
        self.expand(file, &mut release);
        let elsewhere = std::mem::take(&mut release.elsewhere);
        let is_here = |(_, elsewhere): &(usize, Elsewhere<'_>)| {
            !self.paths.elsewhere(file, elsewhere).is_empty()
        };
        let is_here = elsewhere.iter().any(is_here);
        for (layer, elsewhere) in &elsewhere {
            if let Elsewhere::FileIn { may_miss: true, .. } = elsewhere
                && is_here
            {
                release.layers[*layer].content = Content::Set(Vec::new());
            }
        }
        let mut all = vec![(release, Vec::new())];
        for (layer, elsewhere) in elsewhere {
            let places = match elsewhere {
                Elsewhere::ConfigMap {
                    name,
                    key,
                    may_miss,
                } => {
                    let mut maps = self.config_maps(resource.namespace, name, key, texts)?;
                    let is_found = !maps.is_empty();
                    maps.extend(Some(Place::Nothing).filter(|_| may_miss && is_found));
                    maps
                }
                _ => {
                    let files = self.paths.elsewhere(file, &elsewhere).into_iter();
                    files.map(Place::File).collect()
                }
            };
            if places.is_empty() || all.len() * places.len() > MOST_VARIANTS {
                for (release, _) in &mut all {
                    if release.is_unknown(layer) {
                        release.unread.push(elsewhere.told());
                    }
                }
                continue;
            }
            let mut variants = Vec::new();
            for (release, lowest) in all {
                for place in &places {
                    let (mut release, mut lowest) = (release.clone(), lowest.clone());
                    match place {
                        Place::Unknown => {}
                        Place::Nothing => release.layers[layer].content = Content::Set(Vec::new()),
                        Place::Layer(found) => release.layers[layer] = found.clone(),
                        Place::File(position) if is_chart(&elsewhere) => {
                            lowest = self.in_chart(*position, layer, &mut release)?;
                        }
                        Place::File(position) => self.in_file(*position, layer, &mut release),
                    }
                    variants.push((release, lowest));
                }
            }
            all = variants;
        }
        let all = all.into_iter().map(|(mut release, lowest)| {
            release.layers.splice(0..0, lowest);
            release
        });
        Ok(all.collect())
    }

    /// Puts the files that patterns mean in the places of these: each file once, and where it is named
    /// rather than where it is meant.
    fn expand(&self, file: &File<'_>, release: &mut Release<'t, 't>) {
        let (patterns, named): (Vec<_>, Vec<_>) = std::mem::take(&mut release.elsewhere)
            .into_iter()
            .partition(|(_, elsewhere)| elsewhere.is_pattern());
        let mut known: BTreeSet<usize> = BTreeSet::new();
        for (_, elsewhere) in &named {
            known.extend(self.paths.elsewhere(file, elsewhere));
        }
        release.elsewhere = named;
        let (mut added, mut removed) = (0, 0);
        for (layer, pattern) in patterns {
            let at = layer + added - removed;
            let mut matched = self.paths.matched(&pattern);
            if matched.is_empty() {
                release.elsewhere.push((at, pattern));
                continue;
            }
            matched.retain(|position| known.insert(*position));
            let unknown = release.layers[at].clone();
            let places = vec![unknown; matched.len()];
            release.layers.splice(at..at + 1, places);
            for (other, _) in &mut release.elsewhere {
                if *other > at {
                    *other = *other + matched.len() - 1;
                }
            }
            for (place, position) in matched.iter().enumerate() {
                self.in_file(*position, at + place, release);
            }
            (added, removed) = (added + matched.len(), removed + 1);
        }
    }

    /// Puts a file of values in the place of a layer.
    fn in_file(&self, position: usize, layer: usize, release: &mut Release<'t, 't>) {
        if let Some((document, file)) = self.document_of(position) {
            let is_last = layer + 1 == release.layers.len()
                || !release.layers[layer + 1..].iter().any(|layer| layer.is_own);
            for layer in &mut release.layers[..layer] {
                layer.is_own &= !is_last;
            }
            release.layers[layer] = whole(document, file.roots.first(), is_last);
        }
    }

    fn named_by_configuration(
        &self,
        config: &'t Config,
        file: &'t File<'t>,
        document: usize,
    ) -> Option<LocatedRelease<'t>> {
        let mut named = config.values_files.iter();
        let named = named.find(|named| named.is(&file.path))?;
        let root = file.roots.first()?;
        let mut release = Release::of(ChartName {
            name: named.chart.as_deref(),
            repository: named.repository.as_deref(),
            version: named.version.as_deref(),
            source: None,
        });
        release.layers.push(whole(document, Some(root), true));
        Some(LocatedRelease {
            document,
            resource: plain(root, "", ""),
            release,
        })
    }

    /// The key of the ConfigMaps of a name, and the files that such are generated of: one for each
    /// environment.
    fn config_maps(
        &self,
        namespace: &str,
        name: &'t str,
        key: &'t str,
        texts: &[TextAt<'t, 't>],
    ) -> Result<Vec<Place<'t>>, Error> {
        let mut found = Vec::new();
        for &position in self.named("ConfigMap", name) {
            let (_, resource) = &self.resources[position];
            let is_near = resource.namespace.is_empty()
                || namespace.is_empty()
                || resource.namespace == namespace;
            if is_near {
                let inner = self.text_of(position, key, texts)?;
                let root = inner.and_then(|inner| Some((inner.document, inner.root?)));
                found.push(root.map(|(document, root)| whole(document, Some(root), false)));
            }
        }
        let generated = self.generated.get(&(name.to_owned(), key));
        for origin in generated.into_iter().flatten() {
            let at = match *origin {
                Some(Origin::File(position)) => self
                    .document_of(position)
                    .map(|(document, file)| (document, file.roots.first())),
                Some(Origin::Text(position)) => {
                    let text = &texts[position];
                    text.root.map(|root| (text.document, Some(root)))
                }
                None => None,
            };
            found.push(at.map(|(document, root)| whole(document, root, false)));
        }
        let all = found.into_iter();
        Ok(all
            .map(|layer| layer.map_or(Place::Unknown, Place::Layer))
            .collect())
    }

    /// The text under a key of a ConfigMap, by the position of that.
    fn text_of<'x>(
        &self,
        position: usize,
        key: &str,
        texts: &'x [TextAt<'t, 't>],
    ) -> Result<Option<&'x TextAt<'t, 't>>, Error> {
        let (document, resource) = &self.resources[position];
        let Some(data) = resource.node.get("data")? else {
            return Ok(None);
        };
        let after = |of_file: &OfFile| of_file.first <= *document;
        let index = self.of_files.partition_point(after) - 1;
        let mut own = texts[self.of_files[index].texts.clone()].iter();
        Ok(own.find(|text| std::ptr::eq(text.slot.holder, data) && text.slot.name() == key))
    }

    /// The chart's repository, and the name of a chart that an OCIRepository is.
    fn name_chart(&self, release: &mut Release<'t, 't>) -> Result<(), Error> {
        let Some((kind, name)) = release.chart.source else {
            return Ok(());
        };
        for &position in self.named(kind, name) {
            let (_, source) = &self.resources[position];
            if !source.group().ends_with("toolkit.fluxcd.io") {
                continue;
            }
            let Some(spec) = source.node.get("spec")? else {
                continue;
            };
            release.chart.repository = text_at(spec, &["url"])?;
            if kind == "HelmChart" {
                release.chart = ChartName {
                    name: text_at(spec, &["chart"])?,
                    version: text_at(spec, &["version"])?,
                    ..release.chart
                };
                let of = |key| text_at(spec, &["sourceRef", key]);
                let source = of("kind")?.zip(of("name")?);
                if let Some(source) = source.filter(|(kind, _)| *kind != "HelmChart") {
                    release.chart.source = Some(source);
                    return self.name_chart(release);
                }
                continue;
            }
            if kind == "OCIRepository" {
                let url = release.chart.repository.unwrap_or_default();
                release.chart.name = url.rsplit('/').next();
                release.chart.version = text_at(spec, &["ref", "tag"])?;
            }
        }
        Ok(())
    }
}

/// The scalar that names the chart of what installs it, or that says what this is.
fn name_of_chart<'t>(one: &Installed<'t, 't>) -> Result<&'t Node<'t>, Error> {
    let name = one.release.chart.name;
    let mut open = vec![one.resource.node];
    while let Some(node) = open.pop() {
        for entry in node.entries().unwrap_or_default() {
            let is_chart = entry.key.scalar() == Some("chart");
            if is_chart && entry.value.scalar() == name {
                return Ok(&entry.value);
            }
            open.push(&entry.value);
        }
        open.extend(node.items().unwrap_or_default());
    }
    Ok(one.resource.node.get("kind")?.unwrap_or(one.resource.node))
}

fn outermost(documents: &[ValuesDocument<'_, '_>], document: usize) -> usize {
    match &documents[document].outer {
        Some((outer, _)) => outermost(documents, *outer),
        None => document,
    }
}

/// What an object that installs a chart is called.
fn named(resource: &Resource<'_, '_>) -> Option<String> {
    let Resource {
        kind,
        namespace,
        name,
        ..
    } = resource;
    let place = if namespace.is_empty() { "" } else { "/" };
    (!kind.is_empty()).then(|| {
        format!("{kind} {namespace}{place}{name}")
            .trim_end()
            .to_owned()
    })
}
