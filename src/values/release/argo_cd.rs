//! Applications and ApplicationSets of Argo CD.

use crate::chart::ValuePath;
use crate::krm::resource::Resource;
use crate::slot::Slot;
use crate::yaml::{Error, Node, Path};

use super::super::index::SetValues;
use super::super::layer::{Layer, LayerContent, ValuesRoot};
use super::{ChartName, Elsewhere, Maker, Release, text_at};

/// What says something of a source: the object that has it, or a file beside what it leads to, of which
/// Argo CD merges each over those before it (`mergeSourceParameters`), lists as a whole.
#[derive(Debug, Clone)]
pub struct SourceSettings<'n, 's> {
    /// Position of the document.
    pub document: usize,
    /// The source.
    pub source: &'n Node<'s>,
    /// Its path in the document.
    pub path: Path<'n>,
    /// Whether it is the template of a generator, which says where the chart is, too, and of which no
    /// mapping is merged (`applicationset/generators`, `mergeTemplate`).
    pub is_template: bool,
}

/// The files beside what a source leads to that say something of it, by its folder, and the name and
/// namespace of the Application.
pub type SourceFiles<'f, 'n, 's> = &'f dyn Fn(&str, &str, &str) -> Vec<SourceSettings<'n, 's>>;

/// A value below `helm` of a source.
struct HelmValue<'n, 's> {
    document: usize,
    helm: &'n Node<'s>,
    path: Path<'n>,
    value: &'n Node<'s>,
}

/// The values below a key of `helm`, the last one that is said last; none where that is `null`.
fn said<'n, 's>(
    all: &[SourceSettings<'n, 's>],
    key: &str,
) -> Result<Vec<HelmValue<'n, 's>>, Error> {
    let mut found = Vec::new();
    for settings in all {
        let Some(helm) = settings.source.get("helm")? else {
            continue;
        };
        if helm.is_null() {
            found.clear();
            continue;
        }
        let Some(value) = helm.get(key)? else {
            continue;
        };
        if value.is_null() || settings.is_template {
            found.clear();
        }
        if !value.is_null() {
            found.push(HelmValue {
                document: settings.document,
                helm,
                path: settings.path.key("helm"),
                value,
            });
        }
    }
    Ok(found)
}

/// The patch of an ApplicationSet's Applications, a template of a text.
///
/// # Errors
/// A mapping on the way has a key twice.
pub fn template_patch<'n, 's>(resource: &Resource<'n, 's>) -> Result<Option<&'n Node<'s>>, Error> {
    let is_set = resource.kind == "ApplicationSet" && resource.group() == "argoproj.io";
    match resource.node.at(&["spec", "templatePatch"])? {
        Some(patch) if is_set => Ok(Some(patch)),
        _ => Ok(None),
    }
}

/// Whether the patch of an ApplicationSet may say something of values.
pub(super) fn is_patched(resource: &Resource<'_, '_>) -> Result<bool, Error> {
    let patch = template_patch(resource)?.and_then(Node::text);
    Ok(patch.is_some_and(|patch| patch.contains("helm") || patch.contains("source")))
}

/// The sources in templates of an ApplicationSet's generators, each with its path.
pub(super) fn sources_of_generators<'n, 's>(
    resource: &Resource<'n, 's>,
) -> Result<Vec<(&'n Node<'s>, Path<'n>)>, Error> {
    let mut found = Vec::new();
    if resource.kind != "ApplicationSet" || resource.group() != "argoproj.io" {
        return Ok(found);
    }
    let generators = resource.node.at(&["spec", "generators"])?;
    let path = resource.path.keys(&["spec", "generators"]);
    let items = generators.and_then(Node::items).unwrap_or_default().iter();
    for (index, generator) in items.enumerate() {
        for entry in generator.entries().unwrap_or_default() {
            let Some(key) = entry.key.scalar() else {
                continue;
            };
            let Some(spec) = entry.value.at(&["template", "spec"])? else {
                continue;
            };
            let path = path.index(index).keys(&[key, "template", "spec"]);
            found.extend(
                spec.get("source")?
                    .map(|source| (source, path.key("source"))),
            );
            let sources = spec.get("sources")?.and_then(Node::items);
            let sources = sources.unwrap_or_default().iter().enumerate();
            let path = path.key("sources");
            found.extend(sources.map(|(index, source)| (source, path.index(index))));
        }
    }
    Ok(found)
}

impl<'n, 's> Maker<'_, 'n, 's> {
    /// The releases that templates of generators make of an ApplicationSet's source.
    pub(super) fn of_generators(
        &self,
        resource: &Resource<'n, 's>,
        files: &[SourceSettings<'n, 's>],
    ) -> Result<Vec<Release<'n, 's>>, Error> {
        let mut found = Vec::new();
        for (source, path) in sources_of_generators(resource)? {
            let mut all = vec![SourceSettings {
                document: self.document,
                source,
                path,
                is_template: true,
            }];
            all.extend(files.iter().cloned());
            found.extend(self.argo_cd(&all)?);
        }
        Ok(found)
    }

    /// The release of a source; `files` say something of it, too.
    pub(super) fn argo_cd(
        &self,
        files: &[SourceSettings<'n, 's>],
    ) -> Result<Option<Release<'n, 's>>, Error> {
        let text = |key| match files.iter().find(|file| file.is_template) {
            Some(template) => Ok(text_at(template.source, &[key])?.or(self.text(&[key])?)),
            None => self.text(&[key]),
        };
        let mut release = Release::of(ChartName {
            name: text("chart")?,
            repository: text("repoURL")?,
            version: text("targetRevision")?,
            ..ChartName::default()
        });
        let mut all = vec![SourceSettings {
            document: self.document,
            source: self.spec,
            path: self.path.clone(),
            is_template: false,
        }];
        all.extend(files.iter().cloned());
        let mut has_helm = false;
        for settings in &all {
            has_helm |= settings.source.get("helm")?.is_some();
        }
        if release.chart.name.is_none() && !has_helm {
            return Ok(None);
        }
        let folder = text("path")?.filter(|_| release.chart.name.is_none());
        if let Some(folder) = folder {
            release.file(Elsewhere::Chart(folder), self.unknown());
        }
        self.value_files(&all, folder, &mut release)?;
        self.source_values(&all, &mut release)?;
        Ok(Some(release))
    }

    /// The layers of `valueFiles`.
    fn value_files(
        &self,
        all: &[SourceSettings<'n, 's>],
        folder: Option<&'n str>,
        release: &mut Release<'n, 's>,
    ) -> Result<(), Error> {
        let may_miss = said(all, "ignoreMissingValueFiles")?.pop();
        let may_miss = may_miss.and_then(|said| said.value.scalar()) == Some("true");
        let files = said(all, "valueFiles")?.pop();
        let files = files.and_then(|said| said.value.items());
        for file in files.unwrap_or_default() {
            let at = release.layers.len();
            release.layers.push(self.unknown());
            let Some(file) = file.text() else { continue };
            let in_repository = file.strip_prefix('$').and_then(|rest| rest.split_once('/'));
            let (folder, file) = match (in_repository, folder) {
                (Some((_, file)), _) => ("/", file),
                (None, Some(folder)) if !file.starts_with('/') => (folder, file),
                (None, Some(_)) => ("/", file.trim_start_matches('/')),
                // They are in the chart.
                (None, None) => {
                    release.unread.push(file.to_owned());
                    continue;
                }
            };
            let is_plain = !file.contains(['{', '$']) && !file.contains("://");
            let elsewhere = Elsewhere::FileIn {
                folder,
                file,
                may_miss: may_miss && is_plain,
            };
            release.elsewhere.push((at, elsewhere));
        }
        Ok(())
    }

    /// The layers of `values` and `valuesObject`, and those that are set one by one.
    pub(super) fn source_values(
        &self,
        all: &[SourceSettings<'n, 's>],
        release: &mut Release<'n, 's>,
    ) -> Result<(), Error> {
        let objects = said(all, "valuesObject")?;
        let text = said(all, "values")?.pop();
        let text =
            text.and_then(|said| self.inner(&Slot::key(said.helm, said.path.clone(), "values")));
        match (objects.is_empty(), text) {
            (true, Some(text)) => release.layers.push(text),
            // `values` is not read beside `valuesObject`.
            (true, None) => release.layers.push(self.tree(
                self.spec,
                self.path.clone(),
                &["helm", "valuesObject"],
            )),
            (false, _) => {
                let layers = objects.iter().enumerate();
                release.layers.extend(layers.map(|(at, said)| Layer {
                    document: said.document,
                    content: LayerContent::Tree(ValuesRoot::new(
                        said.helm,
                        said.path.clone(),
                        &["valuesObject"],
                    )),
                    is_own: at == 0,
                }));
            }
        }
        if let Some(parameters) = said(all, "parameters")?.pop() {
            let path = parameters.path.key("parameters");
            let items = parameters.value.items().unwrap_or_default().iter();
            // `--set-string` comes after `--set`, wherever it is written.
            let (mut set, mut forced) = (Vec::new(), Vec::new());
            for (index, parameter) in items.enumerate() {
                let is_forced = text_at(parameter, &["forceString"])? == Some("true");
                let of = if is_forced { &mut forced } else { &mut set };
                if let Some(name) = text_at(parameter, &["name"])?.and_then(ValuePath::parse_set) {
                    of.push((name, Slot::key(parameter, path.index(index), "value")));
                }
            }
            set.append(&mut forced);
            if !set.is_empty() {
                release.layers.push(Layer {
                    document: parameters.document,
                    content: LayerContent::Set(SetValues::new(set)),
                    is_own: false,
                });
            }
        }
        let files = said(all, "fileParameters")?.pop();
        let files = files.and_then(|said| said.value.items());
        for parameter in files.unwrap_or_default() {
            let name = text_at(parameter, &["name"])?;
            let layer = self.unknown_at(name.and_then(ValuePath::parse_set));
            release.layers.push(layer);
            release
                .unread
                .extend(text_at(parameter, &["path"])?.map(str::to_owned));
        }
        Ok(())
    }
}
