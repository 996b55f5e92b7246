//! Releases across files: resolves the layers of each, judges them together, and returns edits and
//! findings by file.

use std::collections::HashMap;
use std::ops::Range;

use crate::config::Config;
use crate::edit::{self, Edit};
use crate::judge::values::{self, Installed, ValuesDocument, own_chart, owners, unjudged};
use crate::judge::{Instances, JudgeContext};
use crate::krm::KUSTOMIZE_GROUP;
use crate::krm::gathered::Gathered;
use crate::krm::resource::Resource;
use crate::slot::Slot;
use crate::values::{ChartName, Content, Elsewhere, Layer, Release, TextAt, releases, text_at};
use crate::yaml::{Error, Node};

use super::super::seen::Unread;
use super::file::{File, plain, texts_in};
use super::joined::{LocatedRelease, joined};
use super::layers::{dependencies, generated_files, whole};
use super::paths::Paths;
use super::{Among, Values, ValuesOf};
use crate::judge::values::unit::in_unit;

/// The files that were read, the resources in them, and the documents in texts of these.
pub(super) struct ReleaseSet<'t> {
    paths: &'t Paths,
    files: &'t [File<'t>],
    /// Index into `files` by the file's position among all inputs.
    by_position: HashMap<usize, usize>,
    /// What is in each file.
    of_files: Vec<OfFile>,
    resources: Vec<(usize, Resource<'t, 't>)>,
    /// Resources by kind and name.
    by_name: HashMap<(&'t str, &'t str), Vec<usize>>,
    /// The files of ConfigMaps that kustomizations generate, by name and key; `None` for one that is
    /// not at hand.
    generated: HashMap<(&'t str, &'t str), Vec<Option<usize>>>,
    /// Texts that are documents, with the document that holds each.
    pub(super) texts: Vec<((usize, Slot<'t, 't>), &'t str)>,
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
    pub(super) fn of(paths: &'t Paths, files: &'t [File<'t>]) -> Result<Self, Error> {
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
            texts: Vec::new(),
        };
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
        for slot in texts_in(&resource)? {
            let text = slot.node()?.and_then(Node::text).unwrap_or_default();
            self.texts.push(((document, slot), text));
        }
        if resource.group() == KUSTOMIZE_GROUP {
            for one in generated_files(resource.node)? {
                let position = self.paths.beside(&file.path, one.file);
                let known = self.generated.entry((one.name, one.key));
                known.or_default().push(position);
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
    fn document_of(&self, position: usize) -> Option<(usize, &'t File<'t>)> {
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
                    input: file.position,
                    path: &file.path,
                    is_excluded,
                    is_whole: true,
                });
            }
        }
        for (((document, slot), text), root) in self.texts.iter().zip(inner) {
            let outer = &documents[*document];
            let (root, (input, path), is_excluded) = (
                root.as_ref().unwrap_or(outer.root),
                (outer.input, outer.path),
                outer.is_excluded,
            );
            documents.push(ValuesDocument {
                text,
                root,
                ordinal: 0,
                outer: Some((*document, slot.clone())),
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
            let layers = one.release.layers.iter().map(|layer| {
                let is_read = !matches!(layer.content, Content::Unknown);
                is_read.then(|| documents[layer.document].input)
            });
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
            let input = documents[one.place.0].input;
            let own = one.written.into_iter();
            let own = own.filter(|(document, _)| documents[*document].input == input);
            let written = own.map(|(document, at)| in_unit(&documents, document, at..at + 1).start);
            let counted = &mut values.of_file(input).counted;
            counted.insert(one.place, written.collect());
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
            .map(|(position, (((_, slot), _), root))| TextAt {
                slot: slot.clone(),
                document: own + position,
                root: root.as_ref(),
            })
            .collect();
        let mut found = Vec::new();
        for (of_file, file) in self.of_files.iter().zip(self.files) {
            for (document, resource) in &self.resources[of_file.resources.clone()] {
                let own = &texts[of_file.texts.clone()];
                for mut release in releases(resource, *document, own)? {
                    for (layer, elsewhere) in std::mem::take(&mut release.elsewhere) {
                        self.resolve(file, resource, (layer, elsewhere), &texts, &mut release)?;
                    }
                    self.name_chart(&mut release)?;
                    found.push(LocatedRelease {
                        document: *document,
                        resource: resource.clone(),
                        release,
                    });
                }
            }
            found.extend(self.beside_chart(file, of_file.first)?);
            found.extend(self.named_by_configuration(config, file, of_file.first));
        }
        joined(&mut found);
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

    /// Puts a layer of another file in its place.
    fn resolve(
        &self,
        file: &File<'_>,
        resource: &Resource<'_, '_>,
        (layer, elsewhere): (usize, Elsewhere<'t>),
        texts: &[TextAt<'t, 't>],
        release: &mut Release<'t, 't>,
    ) -> Result<(), Error> {
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
    ) -> Result<(), Error> {
        let Some((_, chart)) = self.document_of(position) else {
            return Ok(());
        };
        if let Some(root) = chart.roots.first() {
            release.chart.name = text_at(root, &["name"])?;
            release.chart.version = text_at(root, &["version"])?;
            release.dependencies = dependencies(root)?;
        }
        release.layers[layer].content = Content::Set(Vec::new());
        let mut values = self.paths.values_beside(&chart.path);
        let of = values.find_map(|position| {
            let (document, file) = self.document_of(position)?;
            is_base(file).then_some((document, file))
        });
        if let Some((document, file)) = of {
            release.layers[layer] = whole(document, file.roots.first(), false);
        }
        Ok(())
    }

    /// The values beside a chart, by themselves and with those of each environment above them.
    fn beside_chart(
        &self,
        chart: &'t File<'t>,
        document: usize,
    ) -> Result<Vec<LocatedRelease<'t>>, Error> {
        let (true, Some(root)) = (chart.is_chart(), chart.roots.first()) else {
            return Ok(Vec::new());
        };
        let mut base = Release::of(ChartName {
            name: text_at(root, &["name"])?,
            version: text_at(root, &["version"])?,
            ..ChartName::default()
        });
        base.dependencies = dependencies(root)?;
        let values = self.paths.values_beside(&chart.path);
        let values: Vec<(usize, &File<'_>)> = values
            .filter_map(|position| self.document_of(position))
            .collect();
        for (document, file) in values.iter().filter(|(_, file)| is_base(file)) {
            base.layers.push(whole(*document, file.roots.first(), true));
        }
        let found_in = |document, release| LocatedRelease {
            document,
            resource: plain(root, "", ""),
            release,
        };
        let mut found = Vec::new();
        for (document, file) in values.iter().filter(|(_, file)| !is_base(file)) {
            let mut release = base.clone();
            let layer = whole(*document, file.roots.first(), base.layers.is_empty());
            release.layers.push(layer);
            found.push(found_in(*document, release));
        }
        if !base.layers.is_empty() {
            found.push(found_in(document, base));
        }
        Ok(found)
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

    /// The key of the only ConfigMap of a name, or the file that one is generated of.
    fn config_map(
        &self,
        namespace: &str,
        name: &'t str,
        key: &str,
        texts: &[TextAt<'t, 't>],
    ) -> Result<Option<Layer<'t, 't>>, Error> {
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
        let generated = self.generated.get(&(name, key)).into_iter().flatten();
        for position in generated {
            let at = position.and_then(|position| self.document_of(position));
            found.push(at.map(|(document, file)| whole(document, file.roots.first(), false)));
        }
        match &mut found[..] {
            [one] => Ok(one.take()),
            _ => Ok(None),
        }
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

/// Whether a file of values is a chart's own.
fn is_base(file: &File<'_>) -> bool {
    file.name().starts_with("values.y")
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
