//! Releases of charts in a resource: the chart, and its layers of values in the order of their tool.

use crate::chart::ValuePath;
use crate::krm::KUSTOMIZE_GROUP;
use crate::krm::resource::Resource;
use crate::slot::Slot;
use crate::yaml::{Error, Node, Path};

use super::layer::{Content, Layer, Root};

/// A chart that is installed with values.
#[derive(Debug, Clone)]
pub struct Release<'n, 's> {
    /// What chart it is.
    pub chart: ChartName<'n>,
    /// Its values, the lowest layer first.
    pub layers: Vec<Layer<'n, 's>>,
    /// Layers that are in other files, by their positions.
    pub elsewhere: Vec<(usize, Elsewhere<'n>)>,
    /// The charts that the chart brings with it, where its own `Chart.yaml` is at hand.
    pub dependencies: Vec<Dependency<'n>>,
}

/// What a release says of its chart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ChartName<'n> {
    /// Its name; `None` where it names none.
    pub name: Option<&'n str>,
    /// The repository's URL, where it is known.
    pub repository: Option<&'n str>,
    /// Its version, a range perhaps.
    pub version: Option<&'n str>,
    /// The object that says the repository: its kind and name.
    pub source: Option<(&'n str, &'n str)>,
}

/// A chart that another one brings with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dependency<'n> {
    /// What chart it is.
    pub chart: ChartName<'n>,
    /// The key of its values.
    pub key: &'n str,
    /// The values that switch it on or off, separated by commas: the first one that is there counts.
    pub condition: Option<&'n str>,
}

/// A layer in another file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Elsewhere<'n> {
    /// A key of a ConfigMap.
    ConfigMap {
        /// Its name.
        name: &'n str,
        /// The key.
        key: &'n str,
        /// Whether it may be missing, in an environment that has none.
        may_miss: bool,
    },
    /// A file beside the one that names it, or from the root of the repository where it begins with a
    /// slash.
    File(&'n str),
    /// The values of a chart in a folder of the repository.
    Chart(&'n str),
    /// The values of a chart in a folder beside the file that names it.
    ChartBeside(&'n str),
    /// The values of a chart that kustomize has pulled, or finds, in a folder beside the file that names
    /// it.
    Pulled {
        /// The folder of all charts.
        home: &'n str,
        /// The chart's name.
        name: &'n str,
        /// Its version, where it is of a repository.
        version: Option<&'n str>,
    },
    /// A file below a folder of the repository.
    FileIn {
        /// The folder.
        folder: &'n str,
        /// The file.
        file: &'n str,
        /// Whether it says nothing where it is missing in a repository that is at hand.
        may_miss: bool,
    },
}

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

/// The kinds that install charts: API group, kind, and the keys to each of their sources or specs.
const KINDS: &[(&str, &str, Tool, &[&str])] = &[
    (
        "helm.toolkit.fluxcd.io",
        "HelmRelease",
        Tool::Flux,
        &["spec"],
    ),
    (
        "argoproj.io",
        "Application",
        Tool::ArgoCd,
        &["spec", "source"],
    ),
    (
        "argoproj.io",
        "Application",
        Tool::ArgoCd,
        &["spec", "sources", "*"],
    ),
    (
        "argoproj.io",
        "ApplicationSet",
        Tool::ArgoCd,
        &["spec", "template", "spec", "source"],
    ),
    (
        "argoproj.io",
        "ApplicationSet",
        Tool::ArgoCd,
        &["spec", "template", "spec", "sources", "*"],
    ),
    ("helm.cattle.io", "HelmChart", Tool::K3s, &["spec"]),
    ("helm.cattle.io", "HelmChartConfig", Tool::K3s, &["spec"]),
    (
        KUSTOMIZE_GROUP,
        "Kustomization",
        Tool::Kustomize,
        &["helmCharts", "*"],
    ),
    (
        KUSTOMIZE_GROUP,
        "Component",
        Tool::Kustomize,
        &["helmCharts", "*"],
    ),
    (
        KUSTOMIZE_GROUP,
        "Kustomization",
        Tool::Kustomize,
        &["helmChartInflationGenerator", "*"],
    ),
    ("", "HelmChartInflationGenerator", Tool::Kustomize, &[]),
    ("fleet.cattle.io", "Bundle", Tool::Fleet, &["spec", "helm"]),
    ("fleet.cattle.io", "fleet.yaml", Tool::Fleet, &["helm"]),
];

/// The tools that install charts, each with an order of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tool {
    Flux,
    ArgoCd,
    K3s,
    Kustomize,
    Fleet,
}

/// Whether a kind installs charts.
pub fn keeps_values(group: &str, kind: &str) -> bool {
    KINDS
        .iter()
        .any(|(known, name, ..)| *known == group && *name == kind)
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
            Tool::ArgoCd => {
                let Some(helm) = spec.get("helm")? else {
                    return Ok(());
                };
                Slot::key(helm, path.key("helm"), "values")
            }
            Tool::K3s => Slot::key(spec, path.clone(), "valuesContent"),
            _ => return Ok(()),
        };
        if slot.node()?.is_some_and(|node| node.text().is_some()) {
            found.push(slot);
        }
        Ok(())
    })?;
    Ok(found)
}

/// The releases of a resource, which is a document or part of one.
///
/// # Errors
/// A mapping that is read has a key twice.
pub fn releases<'n, 's>(
    resource: &Resource<'n, 's>,
    document: usize,
    texts: &[TextAt<'n, 's>],
) -> Result<Vec<Release<'n, 's>>, Error> {
    let mut found = Vec::new();
    // An ApplicationSet recreates what it generates.
    if resource.controller()?.is_some() {
        return Ok(found);
    }
    each_spec(resource, |tool, spec, path| {
        let maker = Maker {
            document,
            texts,
            spec,
            path,
        };
        match tool {
            Tool::Flux => found.push(maker.flux()?),
            Tool::ArgoCd => found.extend(maker.argo_cd()?),
            Tool::K3s => found.push(maker.k3s(resource)?),
            Tool::Kustomize => found.push(maker.kustomize(resource)?),
            Tool::Fleet => found.extend(maker.fleet(resource)?),
        }
        Ok(())
    })?;
    Ok(found)
}

/// Calls `each` for everything in a resource that installs a chart.
fn each_spec<'n, 's>(
    resource: &Resource<'n, 's>,
    mut each: impl FnMut(Tool, &'n Node<'s>, &Path<'n>) -> Result<(), Error>,
) -> Result<(), Error> {
    for (group, kind, tool, keys) in KINDS {
        let is_builtin = group.is_empty() && resource.api_version == "builtin";
        if *kind == resource.kind && (*group == resource.group() && !group.is_empty() || is_builtin)
        {
            specs(
                resource.node,
                resource.path.clone(),
                keys,
                &mut |spec, path| each(*tool, spec, path),
            )?;
        }
    }
    Ok(())
}

fn specs<'n, 's>(
    node: &'n Node<'s>,
    path: Path<'n>,
    keys: &[&'static str],
    each: &mut dyn FnMut(&'n Node<'s>, &Path<'n>) -> Result<(), Error>,
) -> Result<(), Error> {
    match keys.split_first() {
        None if node.entries().is_some() => each(node, &path),
        None => Ok(()),
        Some((&"*", rest)) => {
            for (index, item) in node.items().unwrap_or_default().iter().enumerate() {
                specs(item, path.index(index), rest, each)?;
            }
            Ok(())
        }
        Some((key, rest)) => match node.get(key)? {
            Some(inner) => specs(inner, path.key(key), rest, each),
            None => Ok(()),
        },
    }
}

/// What a release is built from.
struct Maker<'m, 'n, 's> {
    document: usize,
    texts: &'m [TextAt<'n, 's>],
    spec: &'n Node<'s>,
    path: &'m Path<'n>,
}

impl<'n, 's> Maker<'_, 'n, 's> {
    fn text(&self, keys: &[&str]) -> Result<Option<&'n str>, Error> {
        text_at(self.spec, keys)
    }

    fn tree(&self, holder: &'n Node<'s>, path: Path<'n>, keys: &[&'static str]) -> Layer<'n, 's> {
        Layer {
            document: self.document,
            content: Content::Tree(Root {
                holder,
                path,
                keys: keys.to_vec(),
                below: Vec::new(),
            }),
            is_own: true,
        }
    }

    fn unknown(&self) -> Layer<'n, 's> {
        Layer {
            document: self.document,
            content: Content::Unknown,
            is_own: false,
        }
    }

    /// A layer that says nothing, unless it is found.
    fn silent(&self) -> Layer<'n, 's> {
        Layer {
            content: Content::Set(Vec::new()),
            ..self.unknown()
        }
    }

    /// A layer that may say what is at a path, or anything where the path is not understood.
    fn unknown_at(&self, path: Option<ValuePath>) -> Layer<'n, 's> {
        Layer {
            content: path.map_or(Content::Unknown, Content::UnknownAt),
            ..self.unknown()
        }
    }

    /// The layer of a text that is a document, if there is one.
    fn inner(&self, slot: &Slot<'n, 's>) -> Option<Layer<'n, 's>> {
        let is_slot = |text: &&TextAt<'n, 's>| {
            std::ptr::eq(text.slot.holder, slot.holder) && text.slot.at == slot.at
        };
        let text = self.texts.iter().find(is_slot)?;
        let Some(root) = text.root else {
            return Some(self.unknown());
        };
        Some(Layer {
            document: text.document,
            content: Content::Tree(Root {
                holder: root,
                path: Path::default(),
                keys: Vec::new(),
                below: Vec::new(),
            }),
            is_own: true,
        })
    }

    fn flux(&self) -> Result<Release<'n, 's>, Error> {
        let mut release = Release::of(ChartName {
            name: self.text(&["chart", "spec", "chart"])?,
            version: self.text(&["chart", "spec", "version"])?,
            ..ChartName::default()
        });
        for keys in [&["chart", "spec", "sourceRef"][..], &["chartRef"]] {
            let of = |key| text_at(self.spec, &[keys, &[key]].concat());
            release.chart.source = release.chart.source.or(of("kind")?.zip(of("name")?));
        }
        self.flux_chart(&mut release)?;
        // Values at a path beat those that are written in the release, or give way to them, as chance
        // would have it.
        let mut at_paths = Vec::new();
        let from = self.spec.get("valuesFrom")?.and_then(Node::items);
        for item in from.unwrap_or_default() {
            let is_config_map = text_at(item, &["kind"])? == Some("ConfigMap");
            if let Some(path) = text_at(item, &["targetPath"])? {
                at_paths.push(self.unknown_at(ValuePath::parse_set(path)));
                continue;
            }
            if let Some(name) = text_at(item, &["name"])?.filter(|_| is_config_map) {
                let key = text_at(item, &["valuesKey"])?.unwrap_or("values.yaml");
                let at = release.layers.len();
                let may_miss = text_at(item, &["optional"])? == Some("true");
                let of_map = Elsewhere::ConfigMap {
                    name,
                    key,
                    may_miss,
                };
                release.elsewhere.push((at, of_map));
            }
            release.layers.push(self.unknown());
        }
        release
            .layers
            .push(self.tree(self.spec, self.path.clone(), &["values"]));
        release.layers.extend(at_paths);
        Ok(release)
    }

    /// The chart of a HelmRelease where it is in a repository of files: a folder, with its values or
    /// others in the place of these.
    fn flux_chart(&self, release: &mut Release<'n, 's>) -> Result<(), Error> {
        let kind = release.chart.source.map(|(kind, _)| kind);
        let Some(folder) = release.chart.name else {
            return Ok(());
        };
        if !matches!(kind, Some("GitRepository" | "Bucket")) && !folder.starts_with("./") {
            return Ok(());
        }
        release.chart.name = folder.trim_end_matches('/').rsplit('/').next();
        let files = self.spec.at(&["chart", "spec", "valuesFiles"])?;
        let files = files.and_then(Node::items).unwrap_or_default();
        for file in files.iter().filter_map(Node::text) {
            let file = Elsewhere::FileIn {
                folder: "/",
                file,
                may_miss: false,
            };
            release.file(file, self.silent());
        }
        if files.is_empty() {
            release.file(Elsewhere::Chart(folder), self.silent());
        }
        Ok(())
    }

    fn argo_cd(&self) -> Result<Option<Release<'n, 's>>, Error> {
        let mut release = Release::of(ChartName {
            name: self.text(&["chart"])?,
            repository: self.text(&["repoURL"])?,
            version: self.text(&["targetRevision"])?,
            source: None,
        });
        let helm = self.spec.get("helm")?;
        if release.chart.name.is_none() && helm.is_none() {
            return Ok(None);
        }
        let folder = self
            .text(&["path"])?
            .filter(|_| release.chart.name.is_none());
        if let Some(folder) = folder {
            release.file(Elsewhere::Chart(folder), self.unknown());
        }
        let helm_node = helm.filter(|helm| helm.entries().is_some());
        let files = match helm_node {
            Some(helm) => helm.get("valueFiles")?.and_then(Node::items),
            None => None,
        };
        let may_miss = match helm_node {
            Some(helm) => text_at(helm, &["ignoreMissingValueFiles"])? == Some("true"),
            None => false,
        };
        for file in files.unwrap_or_default() {
            let at = release.layers.len();
            if let Some(file) = file.text() {
                let in_repository = file.strip_prefix('$').and_then(|rest| rest.split_once('/'));
                let (folder, file) = match (in_repository, folder) {
                    (Some((_, file)), _) => ("/", file),
                    (None, Some(folder)) if !file.starts_with('/') => (folder, file),
                    (None, Some(_)) => ("/", file),
                    // They are in the chart.
                    (None, None) => {
                        release.layers.push(self.unknown());
                        continue;
                    }
                };
                let is_plain = !file.contains(['*', '{', '$']) && !file.contains("://");
                let elsewhere = Elsewhere::FileIn {
                    folder,
                    file,
                    may_miss: may_miss && is_plain,
                };
                release.elsewhere.push((at, elsewhere));
            }
            release.layers.push(self.unknown());
        }
        let Some(helm) = helm_node else {
            let layer = self.tree(self.spec, self.path.clone(), &["helm", "valuesObject"]);
            release.layers.push(layer);
            return Ok(Some(release));
        };
        let path = self.path.key("helm");
        let object = helm.get("valuesObject")?.filter(|node| !node.is_null());
        let text = self.inner(&Slot::key(helm, path.clone(), "values"));
        match (object, text) {
            (None, Some(text)) => release.layers.push(text),
            // `values` is not read beside `valuesObject`.
            _ => release
                .layers
                .push(self.tree(helm, path.clone(), &["valuesObject"])),
        }
        let parameters = helm
            .get("parameters")?
            .and_then(Node::items)
            .unwrap_or_default();
        let path = path.key("parameters");
        let mut set = Vec::new();
        for (index, parameter) in parameters.iter().enumerate() {
            if let Some(name) = text_at(parameter, &["name"])?.and_then(ValuePath::parse_set) {
                set.push((name, Slot::key(parameter, path.index(index), "value")));
            }
        }
        if !set.is_empty() {
            release.layers.push(Layer {
                document: self.document,
                content: Content::Set(set),
                is_own: false,
            });
        }
        let files = helm.get("fileParameters")?.and_then(Node::items);
        for parameter in files.unwrap_or_default() {
            let name = text_at(parameter, &["name"])?;
            let layer = self.unknown_at(name.and_then(ValuePath::parse_set));
            release.layers.push(layer);
        }
        Ok(Some(release))
    }

    /// What a key `chart` says, which may be the URL of the chart in its repository.
    fn chart_or_url(&self) -> Result<ChartName<'n>, Error> {
        let chart = self.text(&["chart"])?;
        let is_url = chart.is_some_and(|chart| chart.contains("://"));
        Ok(ChartName {
            name: chart.map(|chart| chart.rsplit('/').next().unwrap_or(chart)),
            repository: if is_url { chart } else { self.text(&["repo"])? },
            version: self.text(&["version"])?,
            source: None,
        })
    }

    fn k3s(&self, resource: &Resource<'n, 's>) -> Result<Release<'n, 's>, Error> {
        let mut release = Release::of(self.chart_or_url()?);
        if resource.kind == "HelmChartConfig" {
            // The HelmChart has the same name.
            release.chart.source = Some(("HelmChart", resource.name));
        }
        release.layers.extend(self.inner(&Slot::key(
            self.spec,
            self.path.clone(),
            "valuesContent",
        )));
        if self.spec.get("values")?.is_some() {
            release
                .layers
                .push(self.tree(self.spec, self.path.clone(), &["values"]));
        }
        let Some(values) = self.spec.get("set")? else {
            return Ok(release);
        };
        let path = self.path.key("set");
        let entries = values.entries().unwrap_or_default();
        let set = entries.iter().filter_map(|entry| {
            let key = entry.key.scalar()?;
            Some((
                ValuePath::parse_set(key)?,
                Slot::key(values, path.clone(), key),
            ))
        });
        release.layers.push(Layer {
            document: self.document,
            content: Content::Set(set.collect()),
            is_own: false,
        });
        Ok(release)
    }

    fn kustomize(&self, resource: &Resource<'n, 's>) -> Result<Release<'n, 's>, Error> {
        let either = |key, old| Ok(self.text(&[key])?.or(self.text(&[old])?));
        let mut release = Release::of(ChartName {
            name: either("name", "chartName")?,
            repository: either("repo", "chartRepoUrl")?,
            version: either("version", "chartVersion")?,
            source: None,
        });
        let old = self.spec.get("chartName")?.is_some();
        let (file_key, inline_key) = if old {
            ("values", "valuesLocal")
        } else {
            ("valuesFile", "valuesInline")
        };
        if let Some(name) = release.chart.name {
            let of_all = text_at(resource.node, &["helmGlobals", "chartHome"])?;
            let home = self.text(&["chartHome"])?.or(of_all).unwrap_or("charts");
            let is_remote = release.chart.repository.is_some();
            let version = release.chart.version.filter(|_| is_remote);
            let pulled = Elsewhere::Pulled {
                home,
                name,
                version,
            };
            release.file(pulled, self.silent());
        }
        let merge = self.text(&["valuesMerge"])?.unwrap_or("override");
        let has_file = self.spec.get(file_key)?.is_some() && merge != "replace";
        let is_own = self.spec.get(inline_key)?.is_some() || !has_file;
        let inline = Layer {
            is_own,
            ..self.tree(self.spec, self.path.clone(), &[inline_key])
        };
        if merge == "merge" {
            release.layers.push(inline.clone());
        }
        if let Some(file) = self.text(&[file_key])?.filter(|_| merge != "replace") {
            release.file(Elsewhere::File(file), self.unknown());
        }
        if merge != "merge" {
            release.layers.push(inline);
        }
        let more = self
            .spec
            .get("additionalValuesFiles")?
            .and_then(Node::items);
        for file in more.unwrap_or_default().iter().filter_map(Node::text) {
            release.file(Elsewhere::File(file), self.unknown());
        }
        Ok(release)
    }

    fn fleet(&self, resource: &Resource<'n, 's>) -> Result<Vec<Release<'n, 's>>, Error> {
        let mut release = Release::of(self.chart_or_url()?);
        let chart = self.text(&["chart"])?;
        if self.text(&["repo"])?.is_none() && !chart.is_some_and(|chart| chart.contains("://")) {
            let beside = Elsewhere::ChartBeside(chart.unwrap_or("."));
            release.file(beside, self.silent());
        }
        self.fleet_layers(self.spec, self.path.clone(), &mut release)?;
        let mut all = Vec::new();
        let targets = resource
            .node
            .get("targetCustomizations")?
            .and_then(Node::items);
        let path = resource.path.key("targetCustomizations");
        for (index, target) in targets.unwrap_or_default().iter().enumerate() {
            if let Some(helm) = target.get("helm")? {
                let mut special = release.clone();
                self.fleet_layers(helm, path.index(index).key("helm"), &mut special)?;
                all.push(special);
            }
        }
        all.insert(0, release);
        Ok(all)
    }

    fn fleet_layers(
        &self,
        helm: &'n Node<'s>,
        path: Path<'n>,
        release: &mut Release<'n, 's>,
    ) -> Result<(), Error> {
        let is_own = !release.layers.iter().any(|layer| layer.is_own);
        release.layers.push(Layer {
            is_own,
            ..self.tree(helm, path, &["values"])
        });
        let files = helm.get("valuesFiles")?.and_then(Node::items);
        for file in files.unwrap_or_default().iter().filter_map(Node::text) {
            release.file(Elsewhere::File(file), self.unknown());
        }
        let from = helm.get("valuesFrom")?.and_then(Node::items);
        release
            .layers
            .extend(from.unwrap_or_default().iter().map(|_| self.unknown()));
        Ok(())
    }
}

impl<'n, 's> Release<'n, 's> {
    /// A release without values.
    pub fn of(chart: ChartName<'n>) -> Self {
        Release {
            chart,
            layers: Vec::new(),
            elsewhere: Vec::new(),
            dependencies: Vec::new(),
        }
    }

    /// Where no text holds values, what should be added to them is told where the chart is installed.
    pub fn with_place(&mut self, document: usize, resource: &Resource<'n, 's>) {
        if self
            .layers
            .iter()
            .any(|layer| layer.is_own && layer.has_values())
        {
            return;
        }
        let root = Root {
            holder: resource.node,
            path: resource.path.clone(),
            keys: Vec::new(),
            below: Vec::new(),
        };
        let nowhere = Layer {
            document,
            content: Content::Nowhere(root),
            is_own: true,
        };
        self.layers.insert(0, nowhere);
    }

    fn file(&mut self, elsewhere: Elsewhere<'n>, unknown: Layer<'n, 's>) {
        self.elsewhere.push((self.layers.len(), elsewhere));
        self.layers.push(unknown);
    }
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
