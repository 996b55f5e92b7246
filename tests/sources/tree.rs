//! A tree of kustomizations as data, so that it can be written to a folder and made smaller.

use std::fmt::Write;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use super::applied::Applied;

/// A tree with the configuration that restores it.
#[derive(Debug, Clone)]
pub(super) struct Tree {
    pub(super) config: String,
    /// Layers refer to earlier ones by their place in this list; `None` was taken out.
    pub(super) layers: Vec<Option<Layer>>,
    /// Objects that build folders, or that install charts.
    pub(super) applied: Vec<Applied>,
}

/// One folder with a kustomization.
#[derive(Debug, Clone)]
pub(super) struct Layer {
    pub(super) folder: String,
    /// The name of the kustomization's file.
    pub(super) file: &'static str,
    /// Whether that is a link.
    pub(super) is_linked: bool,
    pub(super) header: Header,
    pub(super) objects: Vec<Object>,
    /// ServiceAccounts with the pull secret that each has.
    pub(super) accounts: Vec<(String, Option<&'static str>)>,
    /// Files of objects that run nothing.
    pub(super) others: Vec<(String, String)>,
    /// Whether the objects are documents of one file.
    pub(super) one_file: bool,
    /// Folders under `resources`.
    pub(super) below: Vec<usize>,
    /// Files of a folder inside this one, under `resources`.
    pub(super) borrowed: Option<usize>,
    pub(super) components: Vec<usize>,
    pub(super) images: Vec<String>,
    pub(super) patches: Vec<Patch>,
    /// Everything else that the kustomization says, each with the files that it needs.
    pub(super) more: Vec<Extra>,
}

/// How a kustomization begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Header {
    Whole,
    Kindless,
    Component,
}

#[derive(Debug, Clone)]
pub(super) struct Object {
    pub(super) kind: &'static str,
    pub(super) name: String,
    pub(super) containers: Vec<Container>,
    pub(super) init: Vec<Container>,
    pub(super) secrets: Vec<&'static str>,
    /// The ServiceAccount that it names.
    pub(super) account: Option<String>,
    /// The image of a volume.
    pub(super) volume: Option<String>,
    /// The image of the kind's own field, beside its pod spec, where no entry of `images:` looks.
    pub(super) own: Option<String>,
}

#[derive(Debug, Clone)]
pub(super) struct Container {
    pub(super) name: &'static str,
    pub(super) image: String,
    pub(super) policy: Option<&'static str>,
    /// Whether it is written in braces.
    pub(super) flow: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Patch {
    /// The list that names it.
    pub(super) list: &'static str,
    /// The lines of `target`, without their indentation.
    pub(super) target: Option<String>,
    pub(super) text: String,
    /// The patch's file; without one it is written in the list.
    pub(super) file: Option<String>,
}

#[derive(Debug, Clone)]
pub(super) struct Extra {
    pub(super) lines: String,
    pub(super) files: Vec<(String, String)>,
}

/// The apiVersion of a kind that the trees hold.
pub(super) fn api_version(kind: &str) -> &'static str {
    match kind {
        "Pod" => "v1",
        "CronJob" => "batch/v1",
        "Rollout" => "argoproj.io/v1alpha1",
        "Prometheus" => "monitoring.coreos.com/v1",
        _ => "apps/v1",
    }
}

/// The keys from an object's root to its pod spec.
pub(super) fn to_pod_spec(kind: &str) -> &'static [&'static str] {
    match kind {
        "Pod" | "Prometheus" => &["spec"],
        "CronJob" => &["spec", "jobTemplate", "spec", "template", "spec"],
        _ => &["spec", "template", "spec"],
    }
}

/// A pod spec's text in the place that a kind has for it, behind its metadata.
pub(super) fn wrapped(kind: &str, name: &str, pod_spec: &str) -> String {
    let mut text = format!(
        "apiVersion: {}\nkind: {kind}\nmetadata:\n  name: {name}\n",
        api_version(kind)
    );
    let path = to_pod_spec(kind);
    for (depth, key) in path.iter().enumerate() {
        let _ = writeln!(text, "{:1$}{key}:", "", depth * 2);
        if kind == "CronJob" && depth == 0 {
            text.push_str("  schedule: \"0 0 * * *\"\n");
        }
    }
    text + &indented(pod_spec, path.len() * 2)
}

pub(super) fn indented(text: &str, by: usize) -> String {
    let line = |line: &str| match line {
        "" => "\n".to_owned(),
        line => format!("{:by$}{line}\n", ""),
    };
    text.lines().map(line).collect()
}

impl Container {
    pub(super) fn text(&self) -> String {
        let policy = self.policy;
        if self.flow {
            let policy = policy.map_or(String::new(), |policy| {
                format!(", imagePullPolicy: {policy}")
            });
            return format!(
                "- {{name: {}, image: \"{}\"{policy}}}\n",
                self.name, self.image
            );
        }
        let mut text = format!("- name: {}\n  image: {} # here\n", self.name, self.image);
        if let Some(policy) = policy {
            let _ = writeln!(text, "  imagePullPolicy: {policy}");
        }
        text
    }
}

impl Object {
    pub(super) fn text(&self) -> String {
        let mut spec = String::new();
        if let Some(image) = &self.own {
            let _ = writeln!(spec, "image: {image}");
        }
        if let Some(image) = &self.volume {
            let _ = writeln!(
                spec,
                "volumes:\n- name: data\n  image:\n    reference: {image}"
            );
        }
        if let Some(account) = &self.account {
            let _ = writeln!(spec, "serviceAccountName: {account}");
        }
        if !self.secrets.is_empty() {
            spec.push_str("imagePullSecrets:\n");
            for secret in &self.secrets {
                let _ = writeln!(spec, "- name: {secret}");
            }
        }
        for (key, containers) in [
            ("initContainers", &self.init),
            ("containers", &self.containers),
        ] {
            if !containers.is_empty() {
                let _ = writeln!(spec, "{key}:");
                containers.iter().for_each(|one| spec.push_str(&one.text()));
            }
        }
        wrapped(self.kind, &self.name, &spec)
    }
}

/// A ServiceAccount, or a patch of one.
pub(super) fn account(name: &str, secret: Option<&str>) -> String {
    let mut text = format!("apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: {name}\n");
    if let Some(secret) = secret {
        let _ = writeln!(text, "imagePullSecrets:\n- name: {secret}");
    }
    text
}

/// The path from one folder to another.
fn path_between(from: &str, to: &str) -> String {
    let from: Vec<&str> = from.split('/').collect();
    let to: Vec<&str> = to.split('/').collect();
    let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = from[common..].iter().map(|_| "..");
    let path: Vec<&str> = up.chain(to[common..].iter().copied()).collect();
    path.join("/")
}

impl Layer {
    /// The files of the objects, by their names in the folder.
    fn manifests(&self) -> Vec<(String, String)> {
        let accounts = self.accounts.iter();
        let accounts =
            accounts.map(|(name, secret)| (format!("{name}.yaml"), account(name, *secret)));
        let others = self.others.iter().cloned();
        accounts.chain(others).chain(self.workloads()).collect()
    }

    fn workloads(&self) -> Vec<(String, String)> {
        let texts = self.objects.iter().map(Object::text);
        if self.one_file && !self.objects.is_empty() {
            let all = texts.collect::<Vec<_>>().join("---\n");
            return vec![("all.yaml".to_owned(), all)];
        }
        let named = self.objects.iter().zip(texts);
        named
            .map(|(object, text)| (format!("{}.yaml", object.name), text))
            .collect()
    }

    fn kustomization(&self, tree: &Tree) -> String {
        let mut text = match self.header {
            Header::Whole => {
                "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n".to_owned()
            }
            Header::Kindless => String::new(),
            Header::Component => {
                "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n".to_owned()
            }
        };
        let mut resources: Vec<String> = self.manifests().into_iter().map(|file| file.0).collect();
        let layer = |index: &usize| tree.layers[*index].as_ref();
        let folder = |layer: &Layer| path_between(&self.folder, &layer.folder);
        if let Some(inner) = self.borrowed.as_ref().and_then(layer) {
            let files = inner.manifests().into_iter();
            resources.extend(files.map(|(name, _)| format!("{}/{name}", folder(inner))));
        }
        resources.extend(self.below.iter().filter_map(layer).map(folder));
        let components: Vec<String> = self
            .components
            .iter()
            .filter_map(layer)
            .map(folder)
            .collect();
        for (key, list) in [("resources", resources), ("components", components)] {
            if !list.is_empty() {
                let _ = writeln!(text, "{key}:");
                list.iter().for_each(|item| {
                    let _ = writeln!(text, "- {item}");
                });
            }
        }
        if !self.images.is_empty() {
            text.push_str("images:\n");
            self.images.iter().for_each(|entry| text.push_str(entry));
        }
        for list in ["patches", "patchesStrategicMerge", "patchesJson6902"] {
            let mut patches = self
                .patches
                .iter()
                .filter(|patch| patch.list == list)
                .peekable();
            if patches.peek().is_some() {
                let _ = writeln!(text, "{list}:");
                patches.for_each(|patch| text.push_str(&patch.entry()));
            }
        }
        self.more
            .iter()
            .for_each(|extra| text.push_str(&extra.lines));
        text
    }
}

impl Patch {
    /// Its entry in the kustomization's list.
    pub(super) fn entry(&self) -> String {
        let block = |text: &str, by| format!("|-\n{}", indented(text, by));
        if self.list == "patchesStrategicMerge" {
            return match &self.file {
                Some(file) => format!("- {file}\n"),
                None => format!("- {}", block(&self.text, 2)),
            };
        }
        let mut entry = match &self.file {
            Some(file) => format!("- path: {file}\n"),
            None => format!("- patch: {}", block(&self.text, 4)),
        };
        if let Some(target) = &self.target {
            entry.push_str("  target:\n");
            entry.push_str(&indented(target, 4));
        }
        entry
    }
}

impl Tree {
    /// Every file of the tree, by its path.
    pub(super) fn files(&self) -> Vec<(String, String)> {
        let mut files = Vec::new();
        for layer in self.layers.iter().flatten() {
            let mut here = layer.manifests();
            here.push((layer.file.to_owned(), layer.kustomization(self)));
            for patch in &layer.patches {
                if let Some(file) = &patch.file {
                    here.push((file.clone(), patch.text.clone()));
                }
            }
            here.extend(layer.more.iter().flat_map(|extra| extra.files.clone()));
            let folder = &layer.folder;
            files.extend(
                here.into_iter()
                    .map(|(name, text)| (format!("{folder}/{name}"), text)),
            );
        }
        let applied = self.applied.iter();
        files.extend(applied.map(|object| (object.file(), object.text(self))));
        files
    }

    /// The folders that a build may begin at, and the objects that build one or install a chart: nobody
    /// builds a folder as it is that an object builds with more.
    pub(super) fn roots(&self) -> Vec<String> {
        let is_built = |index: usize| {
            let mut applied = self.applied.iter();
            applied.any(|object| object.layer() == Some(index))
        };
        let layers = self.layers.iter().enumerate();
        let layers = layers.filter(|(index, _)| !is_built(*index));
        let layers = layers.filter_map(|(_, layer)| layer.as_ref());
        let roots = layers.filter(|layer| layer.header != Header::Component);
        let roots = roots.map(|layer| layer.folder.clone());
        roots
            .chain(self.applied.iter().map(Applied::root))
            .collect()
    }

    pub(super) fn write(&self, folder: &Path) {
        for (name, text) in self.files() {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, text).expect("written");
        }
        for layer in self.layers.iter().flatten().filter(|layer| layer.is_linked) {
            let folder = folder.join(&layer.folder);
            fs::rename(folder.join(layer.file), folder.join("real.yaml")).expect("moved");
            symlink("real.yaml", folder.join(layer.file)).expect("a link");
        }
    }

    /// The tree as people read it.
    pub(super) fn shown(&self) -> String {
        let mut text = format!("# restore-images.yaml, given by --config\n{}", self.config);
        for (name, file) in self.files() {
            let _ = write!(text, "\n# {name}\n{file}");
        }
        text
    }
}
