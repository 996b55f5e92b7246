//! containers-registries.conf, version 2, as podman, skopeo, CRI-O and buildah read it.

use toml::de::DeTable;

use super::table::{document, get, is_true, tables, text, text_of};
use super::{FileMirrors, FileTable, ImportFault, LOOK, LocatedText, shown};

/// Reads the tables `registry` with their mirrors.
pub(super) fn read(text: &str) -> Result<FileMirrors, ImportFault> {
    let root = document(text)?;
    let mut found = FileMirrors::default();
    if let Some(registries) = get(&root, "registries") {
        return Err(ImportFault {
            at: registries.span().start,
            what: "this is version 1 of registries.conf".to_owned(),
            help: Some("write it in version 2: a table [[registry]] for each registry".to_owned()),
        });
    }
    let all = tables(&root, "registry");
    for (index, (table, at)) in all.iter().enumerate() {
        let end = all.get(index + 1).map_or(text.len(), |(_, next)| *next);
        if let Some(source) = source(table) {
            found.tables.push(FileTable {
                source: source.text.to_owned(),
                span: *at..end.max(*at),
            });
        }
        registry(table, *at, &mut found);
    }
    helpers(&root, &mut found);
    unqualified(&root, &mut found);
    if let Some(aliases) = get(&root, "aliases") {
        let what = "`aliases` are names without a registry, which no rule can express: left out";
        found.warn_with_help(
            aliases.span().start,
            what,
            "write the registry in each image's name",
        );
    }
    Ok(found)
}

/// What a table is for.
fn source<'t>(table: &'t DeTable<'_>) -> Option<LocatedText<'t>> {
    let prefix = place_of(table, "prefix").filter(|prefix| !prefix.text.is_empty());
    prefix.or_else(|| place_of(table, "location"))
}

/// The prefix or location of a key: the readers of the format take no notice of slashes at its end.
fn place_of<'t>(table: &'t DeTable<'_>, key: &str) -> Option<LocatedText<'t>> {
    let written = text_of(table, key)?;
    Some(LocatedText {
        text: written.text.trim_end_matches('/'),
        ..written
    })
}

/// One table. Its location is where images are that its mirrors do not have.
fn registry(table: &DeTable<'_>, at: usize, found: &mut FileMirrors) {
    let location = place_of(table, "location");
    let Some(source) = source(table) else {
        found.warn(at, "neither `prefix` nor `location` is written: left out");
        return;
    };
    if is_true(table, "blocked") {
        let what = format!(
            "{} is blocked, which no rule can express: left out",
            shown(source.text)
        );
        found.warn(source.at, what);
        return;
    }
    let digests_alone = is_true(table, "mirror-by-digest-only");
    let mut mirrors: Vec<LocatedText<'_>> = Vec::new();
    for (mirror, at) in tables(table, "mirror") {
        let Some(location) = place_of(mirror, "location") else {
            found.warn(at, "the mirror has no `location`: left out");
            continue;
        };
        insecure(mirror, location, found);
        let versions = match text_of(mirror, "pull-from-mirror").map(|word| word.text) {
            Some("digest-only") => Some("digest"),
            Some("tag-only") => Some("tag"),
            _ if digests_alone => Some("digest"),
            _ => None,
        };
        if let Some(version) = versions {
            let what = format!(
                "{} is for images by {version} alone, and a rule is for every image",
                shown(location.text)
            );
            found.warn_with_help(location.at, what, LOOK);
        }
        mirrors.push(location);
    }
    if let Some(location) = location {
        insecure(table, location, found);
    }
    // Without a mirror, the location alone counts: elsewhere, or where the source says, in which case
    // the table exempts the source from a wider one.
    if mirrors.is_empty() {
        mirrors.extend(location.or(Some(source)));
    } else if let Some(location) = location.filter(|location| location.text != source.text) {
        mirrors.push(location);
    }
    found.pair(source, &mirrors);
}

fn insecure(table: &DeTable<'_>, location: LocatedText<'_>, found: &mut FileMirrors) {
    if is_true(table, "insecure") {
        found.warn_with_help(
            location.at,
            format!(
                "{} is insecure, which no rule can express",
                shown(location.text)
            ),
            "list its host under `plainHttpRegistries` if it does not speak TLS",
        );
    }
}

/// Programs that know credentials; the file of `podman login` is the one that everybody has.
fn helpers(root: &DeTable<'_>, found: &mut FileMirrors) {
    let helpers = get(root, "credential-helpers").and_then(|value| value.get_ref().as_array());
    let helpers = helpers.into_iter().flatten().filter_map(text);
    for helper in helpers.filter(|helper| helper.text != "containers-auth.json") {
        let what = format!(
            "credentials come from the helper {}, which no rule can express",
            shown(helper.text)
        );
        found.warn_with_help(
            helper.at,
            what,
            "name the secrets of a mirror under `imagePullSecrets` of its rule, unless the nodes find credentials",
        );
    }
}

/// Where names without a registry are looked up: everything here takes them for Docker Hub's.
fn unqualified(root: &DeTable<'_>, found: &mut FileMirrors) {
    let Some(value) = get(root, "unqualified-search-registries") else {
        return;
    };
    let registries = value.get_ref().as_array();
    let registries = registries.into_iter().flatten().filter_map(text);
    let mut others = registries.filter(|registry| registry.text != "docker.io");
    if let Some(registry) = others.next() {
        let what = format!(
            "names without a registry may come from {}, and are taken for docker.io's here",
            shown(registry.text)
        );
        found.warn_with_help(registry.at, what, "write the registry in each image's name");
    }
}
