//! skopeo: one `sync` for each folder of a mirror, and `copy` where a mirror renames a repository.
//!
//! `sync` names an image at the destination by the last segment of its path, so the destination is
//! the mirror's folder (skopeo-sync(1)); `--scoped` would put the official host into the path.

use std::collections::BTreeMap;

use crate::config::emit::MirrorSync;
use crate::error::Error;
use crate::generate::copies::{ImageCopy, Version};
use crate::generate::object::{block, map, texts};

use super::{Hosts, ToolInput, credentials, script, versioned};

/// A `sync`: the mirror's folder, and the credentials of the official host and of the mirror's.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct SyncRun {
    folder: String,
    from: Option<String>,
    to: Option<String>,
    insecure: bool,
}

/// By official host, the paths there and their versions.
type VersionsByPath<'c> = BTreeMap<&'c str, BTreeMap<&'c str, Vec<&'c str>>>;

pub(super) fn plan(
    settings: &MirrorSync,
    listed: Hosts<'_>,
    copies: &[ImageCopy],
) -> Result<ToolInput, Error> {
    let mut runs: BTreeMap<SyncRun, VersionsByPath<'_>> = BTreeMap::new();
    let mut renamed: Vec<(&ImageCopy, &Version)> = Vec::new();
    for copy in copies {
        let (official, mirror) = (&copy.official, copy.mirror.to_string());
        let last = official.path().rsplit('/').next();
        let Some((folder, _)) = mirror
            .rsplit_once('/')
            .filter(|(_, name)| last == Some(name))
        else {
            renamed.extend(copy.versions.iter().map(|version| (copy, version)));
            continue;
        };
        // `sync` keeps tags, too.
        let (alike, others): (Vec<&Version>, Vec<&Version>) =
            copy.versions.iter().partition(|version| version.is_alike());
        renamed.extend(others.into_iter().map(|version| (copy, version)));
        if alike.is_empty() {
            continue;
        }
        let run = SyncRun {
            folder: folder.to_owned(),
            from: credentials(settings, official.domain()),
            to: credentials(settings, copy.mirror.domain()),
            insecure: listed.is_unverified(copy.mirror.domain()),
        };
        let hosts = runs.entry(run).or_default();
        let paths = hosts.entry(official.domain()).or_default();
        let versions = alike.iter().map(|version| version.official.as_str());
        paths.insert(official.path(), versions.collect());
    }
    let mut files: Vec<(String, String)> = Vec::new();
    let mut commands = Vec::new();
    for (run, hosts) in &runs {
        let file = file_name(&run.folder, &files);
        files.push((file.clone(), source_file(listed, hosts)?));
        let mut words = words("sync --all --preserve-digests --keep-going --retry-times 3");
        words.extend(more("--src yaml --dest docker"));
        words.extend(both(&run.from, &run.to));
        if run.insecure {
            words.push("--dest-tls-verify=false".to_owned());
        }
        words.extend([file, run.folder.clone()]);
        commands.push(words);
    }
    for (copy, version) in renamed {
        commands.push(renaming(settings, listed, copy, version));
    }
    files.push(("sync.sh".to_owned(), script(&commands)));
    Ok(ToolInput {
        files,
        command: Some(vec!["sh".to_owned(), "sync.sh".to_owned()]),
        args: Vec::new(),
    })
}

fn words(arguments: &str) -> Vec<String> {
    let skopeo = std::iter::once("skopeo");
    let words = skopeo.chain(arguments.split(' '));
    words.map(str::to_owned).collect()
}

fn more(arguments: &str) -> impl Iterator<Item = String> + '_ {
    arguments.split(' ').map(str::to_owned)
}

fn both(from: &Option<String>, to: &Option<String>) -> Vec<String> {
    let mut words = Vec::new();
    for (flag, folder) in [("--src-authfile", from), ("--dest-authfile", to)] {
        if let Some(folder) = folder {
            words.extend([flag.to_owned(), format!("{folder}/config.json")]);
        }
    }
    words
}

fn renaming(
    settings: &MirrorSync,
    listed: Hosts<'_>,
    copy: &ImageCopy,
    version: &Version,
) -> Vec<String> {
    let (from, to) = (copy.official.domain(), copy.mirror.domain());
    let mut words = words("copy --all --preserve-digests --retry-times 3");
    words.extend(both(
        &credentials(settings, from),
        &credentials(settings, to),
    ));
    for (flag, host) in [("--src-tls-verify", from), ("--dest-tls-verify", to)] {
        if listed.is_unverified(host) {
            words.push(format!("{flag}=false"));
        }
    }
    for (repository, version) in [
        (&copy.official, &version.official),
        (&copy.mirror, &version.mirror),
    ] {
        words.push(format!("docker://{}", versioned(repository, version)));
    }
    words
}

/// The file that `--src yaml` reads.
fn source_file(listed: Hosts<'_>, hosts: &VersionsByPath<'_>) -> Result<String, Error> {
    let hosts = hosts.iter().map(|(&host, paths)| {
        let images = paths
            .iter()
            .map(|(&path, versions)| (path, texts(versions.iter().copied())));
        let mut pairs = Vec::new();
        if listed.is_unverified(host) {
            pairs.push(("tls-verify", serde_yaml::Value::Bool(false)));
        }
        pairs.push(("images", map(images)));
        (host, map(pairs))
    });
    block(&map(hosts))
}

/// A key of the ConfigMap for a mirror's folder, with a number where it is taken.
fn file_name(folder: &str, taken: &[(String, String)]) -> String {
    let legal = |c: char| match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '-' => c,
        _ => '_',
    };
    let stem: String = folder.chars().take(200).map(legal).collect();
    let mut name = format!("{stem}.yaml");
    let mut number = 2;
    while taken.iter().any(|(known, _)| *known == name) {
        name = format!("{stem}_{number}.yaml");
        number += 1;
    }
    name
}
