//! Releases of charts in a resource: the chart, and its layers of values in the order of their tool.

mod argo_cd;
mod chart_name;
mod elsewhere;
mod flux;
mod kinds;
mod maker;
mod others;

use crate::krm::resource::Resource;
use crate::krm::spelling::spelling;
use crate::slot::Slot;
use crate::yaml::{Error, Node, Path};

use super::index::SetValues;
use super::layer::{Layer, LayerContent, ValuesRoot};

pub use argo_cd::{SourceFiles, SourceSettings, template_patch};
pub use chart_name::{ChartName, Dependency, Lead, SourceName};
pub use elsewhere::Elsewhere;
use kinds::{ChartTool, each_spec};
pub use kinds::{SOURCE_FILE, keeps_values};
use maker::Maker;

/// A chart that is installed with values.
#[derive(Debug, Clone)]
pub struct Release<'n, 's> {
    /// What chart it is.
    pub chart: ChartName<'n>,
    /// Its values, the lowest layer first.
    pub layers: Vec<Layer<'n, 's>>,
    /// Layers that are in other files, by their positions.
    pub elsewhere: Vec<(usize, Elsewhere<'n>)>,
    /// The namespace that it is installed into, where that is not its object's own: empty where it is not
    /// known.
    pub namespace: Option<&'n str>,
    /// The folder with a kustomization through which Fleet puts what the chart gives.
    pub kustomized_by: Option<&'n str>,
    /// What other layers are in that was not read, in words.
    pub unread: Vec<String>,
    /// Whether absent keys are made in the chart's own values, which are among the files.
    pub is_made_in_chart: bool,
    /// Whether files take turns as its values that are not judged, since they are too many.
    pub has_more_variants: bool,
    /// Position of the chart's own file, where that is among the files.
    pub chart_file: Option<usize>,
    /// The charts that the chart brings with it, where its own `Chart.yaml` is at hand.
    pub dependencies: Vec<Dependency<'n>>,
}

/// The documents that are elsewhere, each with its position and its root.
pub type KnownFiles<'k, 'n, 's> = &'k dyn Fn(&Elsewhere<'n>) -> Option<(usize, &'n Node<'s>)>;

/// A text of a resource that is a document of values.
#[derive(Debug, Clone)]
pub struct TextAt<'n, 's> {
    /// The scalar.
    pub slot: Slot<'n, 's>,
    /// Position of the document that it is.
    pub document: usize,
    /// Its root; `None` where it cannot be read.
    pub root: Option<&'n Node<'s>>,
}

/// The texts of a resource that are documents of values, in the order in which [`releases`] wants
/// what they say.
///
/// # Errors
/// A mapping that is read has a key twice.
pub fn texts<'n, 's>(resource: &Resource<'n, 's>) -> Result<Vec<Slot<'n, 's>>, Error> {
    let mut found = Vec::new();
    each_spec(resource, |tool, spec, path| {
        let slot = match tool {
            ChartTool::ArgoCd => {
                let Some(helm) = spec.get("helm")? else {
                    return Ok(());
                };
                Slot::key(helm, path.key("helm"), "values")
            }
            ChartTool::K3s => Slot::key(spec, path.clone(), "valuesContent"),
            _ => return Ok(()),
        };
        // Where k3s is given no values, the text is made.
        let is_made = resource.kind == "HelmChart" && spec.get("values")?.is_none();
        let is_text = |node: &Node<'_>| node.text().is_some() || is_made && node.is_null();
        if slot.node()?.map_or(is_made, is_text) {
            found.push(slot);
        }
        Ok(())
    })?;
    for (source, path) in argo_cd::sources_of_generators(resource)? {
        let helm = source.get("helm")?;
        let slot = helm.map(|helm| Slot::key(helm, path.key("helm"), "values"));
        found.extend(slot.filter(|slot| {
            let node = slot.node().ok().flatten();
            node.is_some_and(|node| node.text().is_some())
        }));
    }
    Ok(found)
}

/// The releases of a resource, which is a document or part of one; `files` are those beside what the
/// sources of Argo CD lead to.
///
/// # Errors
/// A mapping that is read has a key twice.
pub fn releases<'n, 's>(
    resource: &Resource<'n, 's>,
    document: usize,
    texts: &[TextAt<'n, 's>],
    files: SourceFiles<'_, 'n, 's>,
) -> Result<Vec<Release<'n, 's>>, Error> {
    let mut found = Vec::new();
    // An ApplicationSet recreates what it generates, and a file says nothing by itself.
    if resource.controller()?.is_some() || resource.kind == SOURCE_FILE {
        return Ok(found);
    }
    each_spec(resource, |tool, spec, path| {
        let first = found.len();
        let maker = Maker {
            document,
            texts,
            spec,
            path,
        };
        match tool {
            ChartTool::Flux => {
                let mut release = maker.flux()?;
                let own = release.chart.namespace.unwrap_or(resource.namespace);
                release.chart.namespace = Some(own);
                found.push(release);
            }
            ChartTool::ArgoCd => {
                let template = text_at(resource.node, &["spec", "template", "metadata", "name"])?;
                let name = template.unwrap_or(resource.name);
                let folder = maker.text(&["path"])?;
                let files = folder.map(|folder| files(folder, name, resource.namespace));
                let files = files.unwrap_or_default();
                found.extend(maker.argo_cd(&files)?);
                found.extend(maker.of_generators(resource, &files)?);
            }
            ChartTool::K3s => found.push(maker.k3s(resource)?),
            ChartTool::Kustomize => found.push(maker.kustomize(resource)?),
            ChartTool::Fleet => found.extend(maker.fleet(resource)?),
        }
        let namespace = maker.namespace(resource, tool)?;
        let made = found[first..].iter_mut();
        made.for_each(|release| release.namespace = namespace);
        Ok(())
    })?;
    if argo_cd::is_patched(resource)? {
        for release in &mut found {
            let unknown = Layer {
                document,
                content: LayerContent::Unknown,
                is_own: false,
            };
            release.layers.push(unknown);
        }
    }
    Ok(found)
}

/// Adds to a release what a file beside its chart says for Argo CD.
///
/// # Errors
/// A mapping that is read has a key twice.
pub fn of_source_file<'n, 's>(
    root: &'n Node<'s>,
    document: usize,
    texts: &[TextAt<'n, 's>],
    release: &mut Release<'n, 's>,
) -> Result<(), Error> {
    let path = Path::default();
    let maker = Maker {
        document,
        texts,
        spec: root,
        path: &path,
    };
    let first = release.layers.len();
    let settings = SourceSettings {
        document,
        source: root,
        path: path.clone(),
        is_template: false,
    };
    maker.source_values(&[settings], release)?;
    // A program writes it.
    let (below, own) = release.layers.split_at_mut(first);
    if below.iter().any(|layer| layer.is_own) {
        own.iter_mut().for_each(|layer| layer.is_own = false);
    }
    Ok(())
}

impl<'n, 's> Release<'n, 's> {
    /// A release without values.
    pub fn of(chart: ChartName<'n>) -> Self {
        Release {
            chart,
            layers: Vec::new(),
            elsewhere: Vec::new(),
            namespace: None,
            kustomized_by: None,
            unread: Vec::new(),
            is_made_in_chart: false,
            chart_file: None,
            has_more_variants: false,
            dependencies: Vec::new(),
        }
    }

    /// Gives a release without values a place for findings: the resource that installs the chart.
    pub fn with_place(&mut self, document: usize, resource: &Resource<'n, 's>) {
        if self
            .layers
            .iter()
            .any(|layer| layer.is_own && layer.has_values())
        {
            return;
        }
        // A text without values is where they would be.
        let empty = self
            .layers
            .iter()
            .rev()
            .find_map(|layer| match &layer.content {
                LayerContent::Tree(root) if layer.is_own && root.keys.is_empty() => {
                    Some((layer.document, root.clone()))
                }
                _ => None,
            });
        let of_resource = || ValuesRoot::new(resource.node, resource.path.clone(), &[]);
        let (document, root) = empty.unwrap_or_else(|| (document, of_resource()));
        let nowhere = Layer {
            document,
            content: LayerContent::Nowhere(root),
            is_own: true,
        };
        self.layers.insert(0, nowhere);
    }

    /// What layers that are not known are in, in words.
    pub fn not_read(&self) -> Vec<String> {
        let elsewhere = self.elsewhere.iter();
        let unknown = elsewhere.filter(|(layer, _)| self.is_unknown(*layer));
        let told = unknown.map(|(_, elsewhere)| elsewhere.told());
        self.unread.iter().cloned().chain(told).collect()
    }

    /// Whether nothing is known of one of its layers.
    pub fn has_unknown(&self) -> bool {
        (0..self.layers.len()).any(|layer| self.is_unknown(layer))
    }

    /// Whether nothing is known of a layer.
    pub fn is_unknown(&self, layer: usize) -> bool {
        let content = &self.layers[layer].content;
        matches!(content, LayerContent::Unknown | LayerContent::UnknownAt(_))
    }

    /// Puts documents that are known in the places of what is elsewhere, and takes the rest for nothing, but for
    /// values at single paths.
    pub fn fill_files(&mut self, known: KnownFiles<'_, 'n, 's>) {
        let layers = &mut self.layers;
        self.elsewhere.retain(|(layer, elsewhere)| {
            let layer = &mut layers[*layer];
            if !matches!(layer.content, LayerContent::Unknown) {
                return true;
            }
            let found = known(elsewhere).filter(|(_, root)| root.entries().is_some());
            layer.content = match found {
                Some((document, root)) => {
                    layer.document = document;
                    LayerContent::Tree(ValuesRoot::new(root, Path::default(), &[]))
                }
                None => LayerContent::Set(SetValues::default()),
            };
            false
        });
    }

    fn file(&mut self, elsewhere: Elsewhere<'n>, unknown: Layer<'n, 's>) {
        self.elsewhere.push((self.layers.len(), elsewhere));
        self.layers.push(unknown);
    }
}

/// A key of a kustomization as it is spelled there.
fn spelled<'n>(node: &'n Node<'_>, key: &'static str) -> &'n str {
    spelling(node, key).unwrap_or(key)
}

/// The text that keys lead to, where it is not empty.
///
/// # Errors
/// A mapping on the way has a key twice.
pub(crate) fn text_at<'n>(node: &'n Node<'_>, keys: &[&str]) -> Result<Option<&'n str>, Error> {
    let text = |node: &'n Node<'_>| node.scalar().filter(|_| !node.is_null());
    let found = node.at(keys)?.and_then(text);
    Ok(found.filter(|text| !text.is_empty()))
}
