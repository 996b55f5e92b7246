//! regsync: one file that says each copy; `once` makes them all and goes on after a failure.

use serde_yaml::Value;

use crate::config::emit::MirrorSync;
use crate::error::Error;
use crate::generate::copies::ImageCopy;
use crate::generate::object::{block, list, map, text};

use super::{ToolInput, versioned};

pub(super) fn plan(settings: &MirrorSync, copies: &[ImageCopy]) -> Result<ToolInput, Error> {
    let mut pairs = vec![("version", Value::from(1))];
    if !settings.insecure_registries.is_empty() {
        let hosts = settings.insecure_registries.iter();
        let hosts = hosts.map(|host| map([("registry", text(host)), ("tls", text("disabled"))]));
        pairs.push(("creds", list(hosts)));
    }
    // Signatures and attestations, as cosign's tags and as referrers.
    let defaults = map([("digestTags", true.into()), ("referrers", true.into())]);
    pairs.push(("defaults", defaults));
    let steps = copies.iter().flat_map(|copy| {
        copy.versions.iter().map(|version| {
            map([
                ("source", text(versioned(&copy.official, version))),
                ("target", text(versioned(&copy.mirror, version))),
                ("type", text("image")),
            ])
        })
    });
    pairs.push(("sync", list(steps)));
    Ok(ToolInput {
        files: vec![("regsync.yaml".to_owned(), block(&map(pairs))?)],
        command: None,
        args: ["once", "--config", "regsync.yaml"]
            .map(str::to_owned)
            .to_vec(),
    })
}
