//! Trees by chance: the same seed gives the same tree.

use std::fmt::Write;

use super::applied::{Applied, AppliedKind};
use super::extras;
use super::labelled;
use super::patches;
use super::tree::{Container, Extra, Header, Layer, Object, Tree};
use crate::support::mutate::Chance;

/// Images of manifests: placeholders, agents' official, drifted and mirrored ones, and others'.
const IMAGES: &[&str] = &[
    "controller:latest",
    "app",
    "app:v0",
    "ghcr.io/acme/web",
    "ghcr.io/acme/web:v1.0.0",
    "ghcr.io/acme/web@sha256:1111111111111111111111111111111111111111111111111111111111111111",
    "nginx:1.25",
    "docker.io/library/nginx:1.25",
    "quay.io/acme/operator:v3",
    "corp.example.net/team/tool:v2",
    "realtheory/theory-k8s-collector",
    "realtheory/theory-k8s-collector:latest",
    "realtheory/theory-k8s-collector:v1.3.11836",
    "docker.io/realtheory/theory-k8s-collector:v1.3.11836",
    "corp.example.net/realtheory/theory-k8s-collector:v1.3.11836",
    "registry.example.com/hub/realtheory/theory-k8s-collector:v1.2.0",
    "gcr.io/datadoghq/agent:7.50.0",
    "registry.example.com/dd/agent:7.50.0",
    "registry.example.com/ghcr/acme/web:v1.0.0",
    "ghcr.io/acme/web@sha512:33333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333",
];

/// Names that entries give.
const NAMES: &[&str] = &[
    "app",
    "ghcr.io/acme/web",
    "ghcr.io/acme/app",
    "quay.io/acme/operator",
    "nginx",
    "corp.example.net/mirror/web",
    "realtheory/theory-k8s-collector",
    "corp.example.net/realtheory/theory-k8s-collector",
    "registry.example.com/hub/realtheory/theory-k8s-collector",
    "registry.example.com/ghcr/acme/web",
    "gcr.io/datadoghq/agent",
    "registry.example.com/dd/agent",
];

const TAGS: &[&str] = &["v1.2.3", "v2", "latest", "\"1.25\"", "7.61.0", "v1.3.11836"];

const DIGEST: &str = "sha256:2222222222222222222222222222222222222222222222222222222222222222";

const HUB: &str = "{source: docker.io, mirror: registry.example.com/hub, scope: all}";
const GHCR: &str = "{source: ghcr.io, mirror: registry.example.com/ghcr, scope: all}";
const QUAY: &str = "{source: quay.io, mirror: registry.example.com/quay, scope: all, imagePullSecrets: [quay-secret]}";
const DATADOG: &str = "{source: gcr.io/datadoghq, mirror: registry.example.com/dd}";

/// Configurations: the rest of `spec`.
fn config(chance: &mut Chance) -> String {
    let agents = "  agents: [realtheory-collector, datadog]\n";
    let pinned = "  agents: [realtheory-collector, {name: web, images: [{image: ghcr.io/acme/web, tag: pinned, pin: v2.0.0, imagePullPolicy: IfNotPresent}]}]\n";
    let rules = |rules: &[&str]| -> String {
        let line = |rule: &&str| format!("  - {rule}\n");
        let lines: String = rules.iter().map(line).collect();
        format!("  registries:\n{lines}")
    };
    let secrets = "  imagePullSecrets: [mirror-secret]\n";
    let held = "  agents: [realtheory-collector, {name: jobs, manifests: [job.yaml], images: [{image: ghcr.io/acme/web, tag: keep}]}]\n";
    let spec = match chance.below(9) {
        0 => agents.to_owned(),
        1 => "  agents: [realtheory-collector]\n".to_owned(),
        2 => agents.to_owned() + &rules(&[DATADOG]),
        3 => agents.to_owned() + &rules(&[HUB, GHCR, QUAY]),
        4 => agents.to_owned() + &rules(&[HUB, GHCR, DATADOG]) + secrets,
        5 => rules(&[HUB, GHCR, QUAY]) + secrets,
        8 => held.to_owned() + &rules(&[GHCR, HUB]),
        6 => pinned.to_owned() + &rules(&[GHCR, DATADOG]),
        _ => pinned.to_owned(),
    };
    format!(
        "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {{name: c}}\nspec:\n{spec}"
    )
}

pub(super) fn one<'a, T: ?Sized>(chance: &mut Chance, of: &[&'a T]) -> &'a T {
    of[chance.below(of.len())]
}

/// Whether something is that happens so many times in a hundred.
pub(super) fn in_hundred(chance: &mut Chance, times: usize) -> bool {
    chance.below(100) < times
}

const CONTAINERS: &[&str] = &["realtheorycollector", "web", "agent", "sidecar"];

fn container(chance: &mut Chance, name: &'static str, cast: &[&'static str]) -> Container {
    Container {
        name,
        image: one(chance, cast).to_owned(),
        policy: match chance.below(6) {
            0 => Some("Always"),
            1 => Some("IfNotPresent"),
            2 => Some("Never"),
            _ => None,
        },
        flow: in_hundred(chance, 30),
    }
}

fn object(chance: &mut Chance, name: String, cast: &[&'static str]) -> Object {
    let kinds = [
        "Deployment",
        "Deployment",
        "Deployment",
        "StatefulSet",
        "DaemonSet",
        "CronJob",
        "Pod",
        "Rollout",
        "Prometheus",
    ];
    let kind = one(chance, &kinds);
    let first = chance.below(CONTAINERS.len());
    let containers = 1 + chance.below(3);
    let containers = (0..containers).map(|at| CONTAINERS[(first + at) % CONTAINERS.len()]);
    Object {
        kind,
        name,
        containers: containers
            .map(|name| container(chance, name, cast))
            .collect(),
        init: if in_hundred(chance, 25) {
            vec![container(chance, "init", cast)]
        } else {
            Vec::new()
        },
        secrets: match chance.below(6) {
            0 => vec!["old-secret"],
            1 => vec!["mirror-secret"],
            _ => Vec::new(),
        },
        account: None,
        volume: (kind == "Deployment" && in_hundred(chance, 6))
            .then(|| one(chance, cast).to_owned()),
        own: (kind == "Prometheus").then(|| one(chance, cast).to_owned()),
    }
}

/// What a tree's parts are chosen from, so that they meet.
struct Cast {
    images: Vec<&'static str>,
    /// Names that entries may match.
    keys: Vec<String>,
}

/// The image without tag and digest.
fn name_of(image: &str) -> &str {
    let image = image.split_once('@').map_or(image, |(name, _)| name);
    let (path, last) = image.rsplit_once('/').map_or(("", image), |parts| parts);
    let last = last.split_once(':').map_or(last, |(name, _)| name);
    match path {
        "" => last,
        path => &image[..path.len() + 1 + last.len()],
    }
}

impl Cast {
    fn new(chance: &mut Chance) -> Self {
        let images: Vec<&str> = (0..2 + chance.below(4))
            .map(|_| one(chance, IMAGES))
            .collect();
        let keys = images
            .iter()
            .map(|image| name_of(image).to_owned())
            .collect();
        Cast { images, keys }
    }

    /// An entry of `images:`, with its dash.
    fn entry(&mut self, chance: &mut Chance) -> String {
        let name = match chance.below(20) {
            0 => one(chance, NAMES).to_owned(),
            1 => "ghcr.io/acme/.*".to_owned(),
            2 => one(chance, &self.images)
                .split('@')
                .next()
                .unwrap_or("app")
                .to_owned(),
            _ => self.keys[chance.below(self.keys.len())].clone(),
        };
        let mut parts = vec![format!("name: {name}")];
        let wanted = 1 + chance.below(7);
        if wanted & 1 != 0 {
            let new = one(chance, NAMES);
            self.keys.push(new.to_owned());
            parts.push(format!("newName: {new}"));
        }
        if wanted & 2 != 0 {
            parts.push(format!("newTag: {}", one(chance, TAGS)));
        }
        if wanted & 4 != 0 {
            match chance.below(3) {
                0 => parts.push("tagSuffix: -fips".to_owned()),
                _ => parts.push(format!("digest: {DIGEST}")),
            }
        }
        if in_hundred(chance, 20) {
            parts.rotate_left(1);
        }
        if in_hundred(chance, 40) {
            // In braces, a text that begins otherwise than letters do is quoted.
            return format!("- {{{}}}\n", parts.join(", "));
        }
        let mut entry = String::new();
        for (at, part) in parts.iter().enumerate() {
            let dash = if at == 0 { "- " } else { "  " };
            let _ = writeln!(entry, "{dash}{part}");
        }
        entry
    }
}

const FILES: &[&str] = &[
    "kustomization.yaml",
    "kustomization.yaml",
    "kustomization.yml",
    "Kustomization",
];

fn layer(chance: &mut Chance, folder: String) -> Layer {
    Layer {
        folder,
        file: one(chance, FILES),
        is_linked: in_hundred(chance, 6),
        header: if in_hundred(chance, 40) {
            Header::Kindless
        } else {
            Header::Whole
        },
        objects: Vec::new(),
        accounts: Vec::new(),
        others: Vec::new(),
        one_file: in_hundred(chance, 25),
        below: Vec::new(),
        borrowed: None,
        components: Vec::new(),
        images: Vec::new(),
        patches: Vec::new(),
        more: Vec::new(),
    }
}

/// The objects that a layer's build holds.
pub(super) fn reached<'t>(tree: &'t Tree, layer: &'t Layer) -> Vec<&'t Object> {
    let mut found: Vec<&Object> = layer.objects.iter().collect();
    let below = layer.below.iter().chain(&layer.borrowed);
    for lower in below.filter_map(|index| tree.layers[*index].as_ref()) {
        if layer.below.is_empty() {
            found.extend(&lower.objects)
        } else {
            found.extend(reached(tree, lower))
        }
    }
    found
}

/// A tree; each seed has its own.
pub(super) fn tree(seed: u64) -> Tree {
    // Spread, since the first numbers of neighbours would be alike.
    let mixed = (seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut chance = Chance((mixed ^ (mixed >> 29)) | 1);
    let chance = &mut chance;
    for _ in 0..8 {
        chance.below(2);
    }
    let mut tree = Tree {
        config: config(chance),
        layers: Vec::new(),
        applied: Vec::new(),
    };
    let mut cast = Cast::new(chance);
    let bases = 1 + chance.below(2);
    for number in 0..bases {
        let folder = match chance.below(3) {
            0 => format!("base{number}"),
            1 => format!("apps/base{number}"),
            _ => format!("apps/deep/base{number}"),
        };
        let mut base = layer(chance, folder);
        for at in 0..1 + chance.below(2) {
            let name = match chance.below(4) {
                0 => "realtheorycollector".to_owned(),
                _ => one(chance, &["web", "api", "agent"]).to_owned(),
            };
            let name = match (number, at) {
                (0, 0) => name,
                _ => format!("{name}-{number}{at}"),
            };
            base.objects.push(object(chance, name, &cast.images));
        }
        extras::add_account(chance, &mut base, number);
        extras::add_variable(chance, &mut base);
        if base.more.is_empty() && in_hundred(chance, 15) {
            let lines =
                format!("configMapGenerator:\n- {{name: settings-{number}, literals: [a=b]}}\n");
            base.more.push(extra(lines));
        }
        add_steps(chance, &tree, &mut base, &mut cast, 30);
        tree.layers.push(Some(base));
    }
    for number in 0..1 + chance.below(4) {
        add_overlay(chance, &mut tree, &mut cast, number);
    }
    for number in 0..chance.below(3) {
        let object = applied(chance, &tree, &mut cast, number);
        tree.applied.extend(object);
    }
    labelled::add(chance, &mut tree);
    tree
}

/// An object that builds a folder with more, or that patches what a chart gives.
fn applied(chance: &mut Chance, tree: &Tree, cast: &mut Cast, number: usize) -> Option<Applied> {
    let mut object = Applied {
        name: format!("object{number}"),
        kind: AppliedKind::PostRenderer,
        images: Vec::new(),
        patches: Vec::new(),
        components: Vec::new(),
        namespace: None,
    };
    let reached: Vec<Object> = match chance.below(5) {
        0 => vec![chart()],
        of => {
            let layers = tree.layers.iter().enumerate();
            let layers = layers.filter_map(|(at, layer)| Some((at, layer.as_ref()?)));
            let (folders, components): (Vec<_>, Vec<_>) =
                layers.partition(|(_, layer)| layer.header != Header::Component);
            let (at, layer) = folders[chance.below(folders.len())];
            object.kind = match of {
                1 => AppliedKind::ArgoCd(at),
                _ => AppliedKind::Flux(at),
            };
            let mut components = components.iter().map(|(at, _)| *at);
            let has_own = !layer.components.is_empty();
            object.components = if in_hundred(chance, 30) && !has_own {
                components.next().into_iter().collect()
            } else {
                Vec::new()
            };
            object.namespace = in_hundred(chance, 25).then_some("target");
            reached(tree, layer).into_iter().cloned().collect()
        }
    };
    let is_argo_cd = matches!(object.kind, AppliedKind::ArgoCd(_));
    for _ in 0..chance.below(3) {
        let name = cast.keys[chance.below(cast.keys.len())].clone();
        let (new, tag) = (one(chance, NAMES), one(chance, TAGS));
        let entry = match (is_argo_cd, chance.below(3)) {
            (true, 0) => format!("- {name}:{}\n", tag.trim_matches('"')),
            (true, 1) => format!("- {name}={new}\n"),
            (true, _) => format!("- {name}={new}:{}\n", tag.trim_matches('"')),
            (false, 0) => format!("- {{name: {name}, newTag: {tag}}}\n"),
            (false, 1) => format!("- {{name: {name}, newName: {new}}}\n"),
            (false, _) => format!("- {{name: {name}, newName: {new}, newTag: {tag}}}\n"),
        };
        object.images.push(entry);
    }
    if !reached.is_empty() && in_hundred(chance, 60) {
        let of = &reached[chance.below(reached.len())];
        let image = one(chance, IMAGES);
        let mut patch = patches::patch(chance, of, image, "inline", &reached);
        patch.file = None;
        patch.list = "patches";
        object.patches.push(patch);
    }
    let says_nothing = object.images.is_empty() && object.patches.is_empty();
    (!says_nothing).then_some(object)
}

/// What a chart gives, for patches.
fn chart() -> Object {
    let container = |name| Container {
        name,
        image: "corp.example.net/team/base:v1".to_owned(),
        policy: None,
        flow: false,
    };
    Object {
        kind: "Deployment",
        name: "chart".to_owned(),
        containers: vec![container("one"), container("two")],
        init: Vec::new(),
        secrets: Vec::new(),
        account: None,
        volume: None,
        own: None,
    }
}

fn add_overlay(chance: &mut Chance, tree: &mut Tree, cast: &mut Cast, number: usize) {
    let is_component = |tree: &Tree, index: usize| {
        let layer = tree.layers[index].as_ref().expect("a layer");
        layer.header == Header::Component
    };
    let lower: Vec<usize> = (0..tree.layers.len())
        .filter(|index| !is_component(tree, *index))
        .collect();
    let first = lower[chance.below(lower.len())];
    let folder_of = |tree: &Tree, index: usize| -> String {
        tree.layers[index].as_ref().expect("a layer").folder.clone()
    };
    let around = folder_of(tree, first)
        .rsplit_once('/')
        .map(|parts| parts.0.to_owned());
    let taken = |tree: &Tree, folder: &str| {
        tree.layers
            .iter()
            .flatten()
            .any(|layer| layer.folder == folder)
    };
    // A folder around the one that it uses, which may take its files one by one.
    if let Some(around) = around.filter(|around| !taken(tree, around))
        && in_hundred(chance, 25)
    {
        let mut outer = layer(chance, around);
        if in_hundred(chance, 50) {
            outer.borrowed = Some(first)
        } else {
            outer.below.push(first)
        }
        add_steps(chance, tree, &mut outer, cast, 60);
        tree.layers.push(Some(outer));
        return;
    }
    let folder = match chance.below(4) {
        0 => format!("teams/t{number}/app"),
        1 => format!("overlays/prod{number}"),
        _ => format!("overlay{number}"),
    };
    let mut overlay = layer(chance, folder);
    overlay.below.push(first);
    if in_hundred(chance, 30) {
        let second = lower[chance.below(lower.len())];
        if second != first {
            tell_apart(tree, first, second);
            overlay.below.push(second);
        }
    }
    if in_hundred(chance, 15) {
        overlay
            .objects
            .push(object(chance, format!("own-{number}"), &cast.images));
    }
    if in_hundred(chance, 30) {
        let old: Vec<usize> = (0..tree.layers.len())
            .filter(|index| is_component(tree, *index))
            .collect();
        if !old.is_empty() && in_hundred(chance, 50) {
            overlay.components.push(old[chance.below(old.len())]);
        } else {
            let mut component = layer(chance, format!("components/c{number}"));
            component.header = Header::Component;
            let reached: Vec<Object> = reached(tree, &overlay).into_iter().cloned().collect();
            let mut stand_in = layer(chance, String::new());
            stand_in.objects = reached;
            add_steps(chance, tree, &mut stand_in, cast, 70);
            component.images = stand_in.images;
            component.patches = stand_in.patches;
            if component.images.is_empty() && component.patches.is_empty() {
                component.images.push(cast.entry(chance));
            }
            tree.layers.push(Some(component));
            overlay.components.push(tree.layers.len() - 1);
        }
    }
    add_steps(chance, tree, &mut overlay, cast, 65);
    tree.layers.push(Some(overlay));
}

/// Gives what is built from the same objects other names in the one of two layers that may hold the
/// other.
fn tell_apart(tree: &mut Tree, one: usize, other: usize) {
    let names = |index: usize| -> Vec<String> {
        let layer = tree.layers[index].as_ref().expect("a layer");
        let objects = reached(tree, layer).into_iter();
        objects.map(|object| object.name.clone()).collect()
    };
    let of_other = names(other);
    if !names(one).iter().any(|name| of_other.contains(name)) {
        return;
    }
    let layer = tree.layers[one.max(other)].as_mut().expect("a layer");
    if !layer
        .more
        .iter()
        .any(|extra| extra.lines.starts_with("name"))
    {
        layer.more.push(Extra {
            lines: "namePrefix: other-\n".to_owned(),
            files: Vec::new(),
        });
    }
}

/// Entries, patches and more, each as often as `often` in a hundred.
fn add_steps(chance: &mut Chance, tree: &Tree, layer: &mut Layer, cast: &mut Cast, often: usize) {
    if in_hundred(chance, often) {
        for _ in 0..1 + chance.below(3) {
            layer.images.push(cast.entry(chance));
        }
        // The last of them once more, with another tag.
        if in_hundred(chance, 10)
            && let Some(last) = layer.images.last()
            && let Some((_, rest)) = last.split_once("name: ")
        {
            let name = rest.split([',', '}', '\n']).next().unwrap_or_default();
            let tag = one(chance, TAGS);
            let twin = format!("- name: {name}\n  newTag: {tag}\n");
            layer.images.push(twin);
        }
    }
    let reached: Vec<Object> = reached(tree, layer).into_iter().cloned().collect();
    for number in 0..2 {
        if !reached.is_empty() && in_hundred(chance, often * 2 / 3) {
            let object = &reached[chance.below(reached.len())];
            let image = if in_hundred(chance, 50) {
                one(chance, &cast.images)
            } else {
                one(chance, IMAGES)
            };
            let name = format!("patch{number}");
            layer
                .patches
                .push(patches::patch(chance, object, image, &name, &reached));
        }
    }
    if layer.components.is_empty() && in_hundred(chance, 12) && !layer.below.is_empty() {
        let prefix = match chance.below(3) {
            0 => "namespace: ",
            1 => "nameSuffix: -",
            _ => "namePrefix: ",
        };
        layer
            .more
            .push(extra(format!("{prefix}x{}\n", chance.below(9))));
    }
    let generates = |layer: &Layer| {
        let mut more = layer.more.iter();
        more.any(|extra| extra.lines.starts_with("configMapGenerator"))
    };
    if in_hundred(chance, 4) && !reached.is_empty() && !generates(layer) {
        layer.more.push(replacement(chance, &reached));
    }
    if in_hundred(chance, 6) && !generates(layer) {
        let image = one(chance, &cast.images);
        layer
            .more
            .push(extras::held(chance, image, layer.more.len()));
    }
    if in_hundred(chance, 30) && !generates(layer) {
        layer.more.extend(extras::merging_map(chance, tree, layer));
    }
    if in_hundred(chance, 15) {
        layer.patches.extend(extras::account_patch(tree, layer));
    }
    if in_hundred(chance, 8) && !reached.is_empty() {
        let name = cast.keys[chance.below(cast.keys.len())].clone();
        let new = one(chance, NAMES);
        let more = extras::transformer(chance, &name, &reached, new);
        layer.more.push(more);
    }
}

pub(super) fn extra(lines: String) -> Extra {
    Extra {
        lines,
        files: Vec::new(),
    }
}

/// A container's image that is taken from another place.
fn replacement(chance: &mut Chance, reached: &[Object]) -> Extra {
    let object = &reached[chance.below(reached.len())];
    let path = super::tree::to_pod_spec(object.kind).join(".");
    let (kind, name) = (object.kind, &object.name);
    let image = one(chance, IMAGES);
    Extra {
        lines: format!(
            "configMapGenerator:\n- name: chosen\n  literals: [\"image={image}\"]\n  options: {{disableNameSuffixHash: true}}\nreplacements:\n- source: {{kind: ConfigMap, name: chosen, fieldPath: data.image}}\n  targets:\n  - select: {{kind: {kind}, name: {name}}}\n    fieldPaths: [{path}.containers.0.image]\n"
        ),
        files: Vec::new(),
    }
}
