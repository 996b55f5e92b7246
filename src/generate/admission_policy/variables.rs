//! The variables of a policy: the images of a request's pod, split into parts, with their owners.
//!
//! Kubernetes' expression language has no parser for image references, so the stages below do what
//! [`crate::image`] does. Only a legal reference is judged, and by its canonical repository, so
//! that no spelling of a name gets past the policy.

use crate::config::{Config, IgnoreAnnotation};
use crate::judge::{IGNORE, NO_REASONS};

use super::cel::quoted;
use super::claims::{Claimed, Claims};
use super::exceptions::{self, AllowedDifference};
use super::families;
use super::tables;

/// Where a request has its pod.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PodLocation {
    /// The keys from the object to the pod spec: `.spec.template.spec`.
    pub(super) path: &'static str,
    /// The lists of containers that are looked at.
    pub(super) lists: &'static [&'static str],
    /// Whether image volumes are looked at, too.
    pub(super) volumes: bool,
    /// What of it is judged where it was there before.
    pub(super) updates: Updates,
}

/// What of an update is judged. One that changes no image and no secret passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Updates {
    /// Nothing: updates are not asked about.
    Never,
    /// All that is there then.
    Whole,
    /// Only what was not there before, which is all that the request is for.
    New,
    /// Only images that differ from what they were.
    ByImage,
}

/// A variable's name and expression.
pub(super) type Variable = (String, String);

/// What the kubelet takes for a reference (distribution/reference, regexp.go).
const REFERENCE: &str = r"^((([A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9])(\.([A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9]))*|\[[0-9A-Fa-f:]+\])(:[0-9]+)?/)?[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@(sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128}))?$";
/// A reference's name, which is followed by its tag and digest.
const NAME: &str = r"^([^/@]*/)*[^/:@]*";
/// A name that begins with a host.
const HOSTED: &str = r"^(localhost|[^/]*[.:A-Z][^/]*)/";

/// The variables up to `images`, each with its claim.
pub(super) fn variables(
    config: &Config,
    ignore_annotation: IgnoreAnnotation,
    site: PodLocation,
    claims: &Claims<'_>,
    allowed: &[AllowedDifference<'_>],
) -> Vec<Variable> {
    let claimed = &claims.images[..];
    let mut variables: Vec<Variable> = Vec::new();
    let mut add = |name: &str, expression: String| variables.push((name.to_owned(), expression));
    let name = "has(object.metadata.name) ? object.metadata.name : ''";
    add("name", name.to_owned());
    let ignore = quoted(IGNORE);
    let ignored = match ignore_annotation {
        IgnoreAnnotation::Allow => format!(
            "has(object.metadata.annotations) && {ignore} in object.metadata.annotations\n\
             \x20 && object.metadata.annotations[{ignore}].matches('\\\\S')\n\
             \x20 && !object.metadata.annotations[{ignore}].matches('(?i)^\\\\s*({})\\\\s*$')",
            NO_REASONS.join("|")
        ),
        IgnoreAnnotation::Deny => "false".to_owned(),
    };
    add("ignored", ignored);
    add("written", containers("object", site));
    add("secrets", secrets("object", site));
    let mut judged = String::from("!variables.ignored");
    if site.updates != Updates::Never {
        add("before", containers("oldObject", site));
        add("secretsBefore", secrets("oldObject", site));
        judged.push_str(
            " && (request.operation == 'CREATE'\n\
             \x20 || variables.written != variables.before\n\
             \x20 || variables.secrets != variables.secretsBefore)",
        );
    }
    add("judged", judged);
    if !allowed.is_empty() {
        add("owners", exceptions::owners());
    }
    for allowed in allowed {
        let (name, expression) = allowed.variable();
        add(&name, expression);
    }
    let written = if site.updates == Updates::New {
        "variables.written.filter(i, !(i in variables.before))"
    } else {
        "variables.written"
    };
    // A text that is no reference gets an empty `raw`, and is all `version` in the next stage.
    add(
        "references",
        format!(
            "{written}.map(i, {{'name': i.name, 'policy': i.policy, 'image': i.image,\n\
             \x20 'raw': i.image != 'auto' && !i.image.matches('^[a-f0-9]{{64}}$')\n\
             \x20   && i.image.matches({})\n\
             \x20   ? i.image.find({}) : ''}})",
            quoted(REFERENCE),
            quoted(NAME)
        ),
    );
    // The host in lower case, without the default port.
    let host = "i.raw.find('^[^/]*').lowerAscii()";
    let plain = format!("({host} + i.raw.substring(i.raw.indexOf('/'))).replace(':443/', '/', 1)");
    let repo = format!(
        "i.raw == '' ? ''\n    : !i.raw.matches({}) ? 'docker.io/' + i.raw\n    \
         : {plain}.startsWith('index.docker.io/') ? {plain}.substring(6) : {plain}",
        quoted(HOSTED)
    );
    add(
        "hosted",
        stage(
            "references",
            &[
                ("name", "i.name"),
                ("policy", "i.policy"),
                ("raw", "i.raw"),
                ("version", "i.image.substring(i.raw.size())"),
                ("repo", &repo),
            ],
        ),
    );
    let library = r"i.repo.matches('^docker\\.io/[^/]+$') ? 'docker.io/library/' + i.repo.substring(10) : i.repo";
    let mut canonical = with_claim(tables::NOBODY);
    canonical[4].1 = library.to_owned();
    add("official", tables::table(claimed));
    add("canonical", stage("hosted", &canonical));
    let by_repository = "i.repo in official ? official[i.repo] : ''";
    let by_repository = by_repository.replace("official", "variables.official");
    let first = stage("canonical", &with_claim(&by_repository));
    let by_repository = ("byRepository".to_owned(), first);
    let ends = tables::ends(config);
    variables.push(by_repository);
    let by_path = match tables::by_path(config, claims) {
        None => tables::NOBODY.to_owned(),
        Some((paths, claim)) => {
            variables.push(("paths".to_owned(), paths));
            claim
        }
    };
    let by_name = tables::by_name(claimed, false);
    if claimed.iter().any(|claim| claim.image.shared) {
        // The agents whose own images run in the pod own the shared ones there. As in `decide`,
        // that is surer than a claim by a path or by names.
        let alone = [
            ("alonePath", by_path.clone()),
            ("aloneName", by_name.clone()),
        ];
        let own = know(&mut variables, "byRepository", &alone);
        let mut agents = tables::at_home(claimed);
        let found =
            format!("variables.{own}.filter(i, i.claim != '').map(i, i.claim.split('/')[0])");
        agents.insert(0, found);
        variables.push(("agents".to_owned(), agents.join("\n+ ")));
        let is_active = "r.agent in variables.agents";
        variables.push(("sharedPlaces".to_owned(), tables::shared_table(claimed)));
        variables.push(("sharedPaths".to_owned(), tables::shared_path_table(claimed)));
        let at = format!("i.repo == r.place && {is_active}");
        let ends = format!("{ends} && {is_active}");
        let ways = [
            ("sharedByRepository", tables::first_row("sharedPlaces", &at)),
            ("byPath", by_path),
            ("sharedByPath", tables::first_row("sharedPaths", &ends)),
            ("byName", by_name),
            ("sharedByName", tables::by_name(claimed, true)),
        ];
        know(&mut variables, "byRepository", &ways);
    } else {
        let ways = [("byPath", by_path), ("byName", by_name)];
        know(&mut variables, "byRepository", &ways);
    }
    let last = if site.updates == Updates::ByImage {
        "known"
    } else {
        "images"
    };
    if claimed.iter().any(families::reads_families)
        && let Some((from, _)) = variables.last()
    {
        let from = from.clone();
        let mut fields = with_claim("i.claim").to_vec();
        fields.extend(families::build());
        variables.push(("builds".to_owned(), stage(&from, &fields)));
        let mut fields = with_claim("i.claim").to_vec();
        fields.extend(families::parts());
        variables.push((last.to_owned(), stage("builds", &fields)));
    } else if let Some((name, _)) = variables.last_mut() {
        last.clone_into(name);
    }
    if site.updates == Updates::ByImage {
        // Whose an image is may depend on the others, so that they are taken out when that is known.
        let changed = "variables.known.filter(i, request.operation == 'CREATE'\n\
             \x20 || !variables.before.exists(b, b.name == i.name && b.image == i.raw + i.version))";
        variables.push(("images".to_owned(), changed.to_owned()));
    }
    variables
}

/// The fields of the variable `images`, as they are.
pub(super) fn of_images(claimed: &[Claimed<'_>]) -> Vec<(&'static str, String)> {
    let mut fields = with_claim("i.claim").to_vec();
    if claimed.iter().any(families::reads_families) {
        let parts = families::PARTS.iter();
        fields.extend(parts.map(|&part| (part, format!("i.{part}"))));
    }
    fields
}

/// Adds a stage for each way to find a claim, and returns the name of the last stage. The first
/// claim that is found holds.
fn know(
    variables: &mut Vec<Variable>,
    from: &'static str,
    ways: &[(&'static str, String)],
) -> &'static str {
    let mut from = from;
    for (name, claim) in ways.iter().filter(|(_, claim)| claim != tables::NOBODY) {
        let claim = format!("i.claim != '' ? i.claim\n    : {claim}");
        let stage = stage(from, &with_claim(&claim));
        variables.push(((*name).to_owned(), stage));
        from = name;
    }
    from
}

/// The fields of an image that is split into parts, with its claim.
fn with_claim(claim: &str) -> [(&'static str, String); 6] {
    [
        ("name", "i.name".to_owned()),
        ("policy", "i.policy".to_owned()),
        ("raw", "i.raw".to_owned()),
        ("version", "i.version".to_owned()),
        ("repo", "i.repo".to_owned()),
        ("claim", claim.to_owned()),
    ]
}

/// A list mapped from another, with `i` for the item.
pub(super) fn stage<T: AsRef<str>>(from: &str, fields: &[(&str, T)]) -> String {
    let fields = fields
        .iter()
        .map(|(key, value)| format!("  {}: {}", quoted(key), value.as_ref()));
    let fields: Vec<String> = fields.collect();
    format!("variables.{from}.map(i, {{\n{}\n}})", fields.join(",\n"))
}

/// The containers of an object's pod, and its image volumes: name, image and pull policy, each empty
/// where it is absent.
///
/// `string()` converts even what is text, since an API server refuses a map literal whose values
/// are text and values of unknown type.
fn containers(object: &str, site: PodLocation) -> String {
    let pod = format!("{object}{}", site.path);
    let lists = site.lists.iter().map(|list| {
        let text = |key: &str| format!("has(c.{key}) ? string(c.{key}) : ''");
        format!(
            "(has({pod}.{list}) ? {pod}.{list} : []).map(c, {{\n\
             \x20 'name': string(c.name), 'image': {}, 'policy': {}\n}})",
            text("image"),
            text("imagePullPolicy")
        )
    });
    let mut lists: Vec<String> = lists.collect();
    if site.volumes {
        // A volume has no container's name, by which an agent could be known.
        let text = |key: &str| format!("has(v.image.{key}) ? string(v.image.{key}) : ''");
        lists.push(format!(
            "(has({pod}.volumes) ? {pod}.volumes.filter(v, has(v.image)) : []).map(v, {{\n\
             \x20 'name': '', 'image': {}, 'policy': {}\n}})",
            text("reference"),
            text("pullPolicy")
        ));
    }
    lists.join("\n+ ")
}

/// The names of a pod's pull secrets.
fn secrets(object: &str, site: PodLocation) -> String {
    let pod = format!("{object}{}", site.path);
    format!(
        "has({pod}.imagePullSecrets)\n\
         \x20 ? {pod}.imagePullSecrets.filter(s, has(s.name)).map(s, string(s.name)) : []"
    )
}
