//! Charts that k3s, kustomize and Fleet install.

use crate::chart::ValuePath;
use crate::krm::resource::Resource;
use crate::slot::Slot;
use crate::yaml::{Error, Node, Path};

use super::super::index::SetValues;
use super::super::layer::{Layer, LayerContent};
use super::{ChartName, Elsewhere, Maker, Release, spelled, text_at};

/// What a key `chart` says, which may be the URL of the chart in its repository.
fn chart_or_url<'n>(
    says: impl Fn(&str) -> Result<Option<&'n str>, Error>,
) -> Result<ChartName<'n>, Error> {
    let chart = says("chart")?;
    let is_url = chart.is_some_and(|chart| chart.contains("://"));
    Ok(ChartName {
        name: chart.map(|chart| chart.rsplit('/').next().unwrap_or(chart)),
        repository: if is_url { chart } else { says("repo")? },
        version: says("version")?,
        ..ChartName::default()
    })
}

impl<'n, 's> Maker<'_, 'n, 's> {
    pub(super) fn k3s(&self, resource: &Resource<'n, 's>) -> Result<Release<'n, 's>, Error> {
        let mut release = Release::of(chart_or_url(|key| self.text(&[key]))?);
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
            content: LayerContent::Set(SetValues::new(set.collect())),
            is_own: false,
        });
        Ok(release)
    }

    pub(super) fn kustomize(&self, resource: &Resource<'n, 's>) -> Result<Release<'n, 's>, Error> {
        // kustomize finds its keys whatever their case.
        let key = |key| spelled(self.spec, key);
        let says = |name| self.text(&[key(name)]);
        let either = |new, old| Ok(says(new)?.or(says(old)?));
        let mut release = Release::of(ChartName {
            name: either("name", "chartName")?,
            repository: either("repo", "chartRepoUrl")?,
            version: either("version", "chartVersion")?,
            ..ChartName::default()
        });
        let old = self.spec.get(key("chartName"))?.is_some();
        let (file_key, inline_key) = if old {
            (key("values"), key("valuesLocal"))
        } else {
            (key("valuesFile"), key("valuesInline"))
        };
        if let Some(name) = release.chart.name {
            let globals = resource.node.get(spelled(resource.node, "helmGlobals"))?;
            let of_all = globals.map(|globals| text_at(globals, &[spelled(globals, "chartHome")]));
            let of_all = of_all.transpose()?.flatten();
            let home = says("chartHome")?.or(of_all).unwrap_or("charts");
            let is_remote = release.chart.repository.is_some();
            let version = release.chart.version.filter(|_| is_remote);
            let pulled = Elsewhere::Pulled {
                home,
                name,
                version,
            };
            release.file(pulled, self.silent());
        }
        let merge = says("valuesMerge")?.unwrap_or("override");
        let inline = self.spec.get(inline_key)?;
        let has_inline = inline
            .and_then(Node::entries)
            .is_some_and(|entries| !entries.is_empty());
        // Nothing takes the place of nothing: kustomize merges only where there are inline values.
        let is_replaced = merge == "replace" && has_inline;
        let has_file = self.spec.get(file_key)?.is_some() && !is_replaced;
        let would_replace = merge == "replace" && has_file;
        let is_own = inline.is_some() && !would_replace || !has_file;
        let inline = Layer {
            is_own,
            ..self.tree(self.spec, self.path.clone(), &[inline_key])
        };
        if merge == "merge" {
            release.layers.push(inline.clone());
        }
        if let Some(file) = self.text(&[file_key])?.filter(|_| !is_replaced) {
            release.file(Elsewhere::File(file), self.unknown());
        }
        if merge != "merge" {
            release.layers.push(inline);
            // kustomize drops the key, and with it what the file says: the chart's own value counts again.
            let mut nulls = Vec::new();
            if let Some(inline) = self.spec.get(inline_key)?.filter(|_| !is_replaced) {
                null_paths(inline, &mut Vec::new(), &mut nulls);
            }
            let unknown = nulls.into_iter().map(|path| self.unknown_at(Some(path)));
            release.layers.extend(unknown);
        }
        let more = self
            .spec
            .get(key("additionalValuesFiles"))?
            .and_then(Node::items);
        for file in more.unwrap_or_default().iter().filter_map(Node::text) {
            release.file(Elsewhere::File(file), self.unknown());
        }
        Ok(release)
    }

    pub(super) fn fleet(&self, resource: &Resource<'n, 's>) -> Result<Vec<Release<'n, 's>>, Error> {
        let release = self.fleet_release(self.spec)?;
        let mut all = Vec::new();
        let targets = resource
            .node
            .get("targetCustomizations")?
            .and_then(Node::items);
        let path = resource.path.key("targetCustomizations");
        for (index, target) in targets.unwrap_or_default().iter().enumerate() {
            if let Some(helm) = target.get("helm")? {
                let mut special = self.fleet_release(helm)?;
                if special.chart != release.chart {
                    // What this chart alone has gets its keys here.
                    let layers = special.layers.iter_mut();
                    layers.for_each(|layer| layer.is_own = false);
                }
                self.fleet_layers(helm, path.index(index).key("helm"), &mut special)?;
                all.push(special);
            }
        }
        all.insert(0, release);
        let folder = self.fleet_folder(resource)?;
        all.iter_mut()
            .for_each(|release| release.kustomized_by = folder);
        Ok(all)
    }

    /// The first folder whose kustomization Fleet builds with what the chart gives, for any target: a target
    /// without a chart of its own gets the bundle's.
    fn fleet_folder(&self, resource: &Resource<'n, 's>) -> Result<Option<&'n str>, Error> {
        let dir = |node: &'n Node<'s>| text_at(node, &["kustomize", "dir"]);
        for node in [Some(resource.node), resource.node.get("spec")?]
            .into_iter()
            .flatten()
        {
            if let Some(found) = dir(node)? {
                return Ok(Some(found));
            }
            for key in ["targetCustomizations", "targets"] {
                let targets = node.get(key)?.and_then(Node::items);
                for target in targets.unwrap_or_default() {
                    if let Some(found) = dir(target)? {
                        return Ok(Some(found));
                    }
                }
            }
        }
        Ok(None)
    }

    /// The chart that the first mapping or the bundle names, with the values of the bundle.
    fn fleet_release(&self, first: &'n Node<'s>) -> Result<Release<'n, 's>, Error> {
        let says = |key: &str| -> Result<Option<&'n str>, Error> {
            Ok(text_at(first, &[key])?.or(self.text(&[key])?))
        };
        let name = chart_or_url(says)?;
        let mut release = Release::of(name);
        if name.repository.is_none() {
            let beside = Elsewhere::ChartBeside(says("chart")?.unwrap_or("."));
            release.file(beside, self.silent());
        }
        self.fleet_layers(self.spec, self.path.clone(), &mut release)?;
        Ok(release)
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

/// The paths of values that are null.
fn null_paths(node: &Node<'_>, keys: &mut Vec<String>, found: &mut Vec<ValuePath>) {
    for entry in node.entries().unwrap_or_default() {
        let Some(key) = entry.key.scalar() else {
            continue;
        };
        keys.push(key.to_owned());
        if entry.value.is_null() {
            found.push(ValuePath(keys.clone()));
        } else if !entry.value.is_alias() {
            null_paths(&entry.value, keys, found);
        }
        keys.pop();
    }
}
