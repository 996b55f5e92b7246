//! flux-mirror: one `Config` that names tags by an expression for each repository.
//!
//! It looks tags up by their names, so that neither a digest nor another name on the mirror can be
//! said, and its `--insecure` is for every registry of a run.

use serde_yaml::Value;

use crate::config::emit::MirrorSync;
use crate::error::Error;
use crate::finding::{Finding, Rule};
use crate::generate::copies::ImageCopy;
use crate::generate::object::{block, list, map, text};
use crate::generate::remark;

use super::{Hosts, ToolInput, versioned};

/// The version that release 0.8 has; a later one is to remove it.
const API_VERSION: &str = "mirror.plugin.fluxcd.io/v1beta1";

/// Takes out what it cannot copy, and says so.
pub(super) fn keep_possible(
    hosts: Hosts<'_>,
    copies: &mut Vec<ImageCopy>,
    findings: &mut Vec<Finding>,
) {
    let mut say = |what: String, to: String, why: &str| {
        let message = format!("{what} is not copied to {to}: {why}: use `tool: regsync`");
        findings.push(remark(Rule::NotGenerated, None, message));
    };
    for copy in copies.iter_mut() {
        copy.versions.retain(|version| {
            let why = if version.is_digest() {
                "flux-mirror copies by tag alone"
            } else if version.is_alike() {
                return true;
            } else {
                "flux-mirror keeps the names of tags"
            };
            let official = versioned(&copy.official, &version.official);
            say(official, versioned(&copy.mirror, &version.mirror), why);
            false
        });
    }
    copies.retain(|copy| !copy.versions.is_empty());
    if copies.iter().all(|copy| hosts.are_unverified(copy)) {
        return;
    }
    copies.retain(|copy| {
        let is_verified = |host: &str| !hosts.is_unverified(host);
        let is_possible = is_verified(copy.official.domain()) && is_verified(copy.mirror.domain());
        if !is_possible {
            let why = "flux-mirror's --insecure holds for every registry, and not each is listed";
            say(copy.official.to_string(), copy.mirror.to_string(), why);
        }
        is_possible
    });
}

pub(super) fn plan(
    settings: &MirrorSync,
    hosts: Hosts<'_>,
    copies: &[ImageCopy],
) -> Result<ToolInput, Error> {
    let artifacts = copies.iter().map(|copy| {
        let selector = map([
            ("regex", map([("pattern", text(pattern(copy)))])),
            ("sortBy", text("alphabetical")),
            ("limit", Value::from(0)),
        ]);
        let mut pairs = vec![
            ("source", text(copy.official.to_string())),
            ("destination", text(copy.mirror.to_string())),
            ("selector", selector),
            // A tag that moves is copied again.
            ("overwrite", true.into()),
        ];
        if settings.copies_referrers() {
            pairs.push(("includeReferrers", true.into()));
        }
        map(pairs)
    });
    let config = map([
        ("apiVersion", text(API_VERSION)),
        ("kind", text("Config")),
        ("artifacts", list(artifacts)),
    ]);
    let mut args = vec!["sync", "flux-mirror.yaml", "--no-progress"];
    if hosts.are_unverified(&copies[0]) {
        args.push("--insecure");
    }
    Ok(ToolInput {
        files: vec![("flux-mirror.yaml".to_owned(), block(&config)?)],
        command: None,
        args: args.into_iter().map(str::to_owned).collect(),
    })
}

/// An expression that fits the tags of a copy and no other; of a tag's characters the dot alone has a
/// meaning in it.
fn pattern(copy: &ImageCopy) -> String {
    let tags = copy.versions.iter();
    let tags = tags.map(|version| version.official.replace('.', r"\."));
    format!("^({})$", tags.collect::<Vec<String>>().join("|"))
}
