//! regsync: one file that says each copy; `once` makes them all and goes on after a failure.

use serde_yaml::Value;

use crate::config::emit::MirrorSync;
use crate::error::Error;
use crate::generate::copies::ImageCopy;
use crate::generate::object::{block, list, map, text};

use super::{Hosts, ToolInput, versioned};

pub(super) fn plan(
    settings: &MirrorSync,
    hosts: Hosts<'_>,
    copies: &[ImageCopy],
) -> Result<ToolInput, Error> {
    let mut pairs = vec![("version", Value::from(1))];
    let of = |hosts: &[String], tls: &str| -> Vec<Value> {
        let hosts = hosts.iter();
        hosts
            .map(|host| map([("registry", text(host)), ("tls", text(tls))]))
            .collect()
    };
    let plain = of(hosts.plain_http, "disabled");
    // A host that speaks no TLS has no certificate.
    let others = hosts.insecure.iter().cloned();
    let others: Vec<String> = others
        .filter(|host| !hosts.plain_http.contains(host))
        .collect();
    let all = [plain, of(&others, "insecure")].concat();
    if !all.is_empty() {
        pairs.push(("creds", list(all)));
    }
    if settings.copies_referrers() {
        // Signatures and attestations, as cosign's tags and as referrers.
        let defaults = map([("digestTags", true.into()), ("referrers", true.into())]);
        pairs.push(("defaults", defaults));
    }
    let steps = copies.iter().flat_map(|copy| {
        copy.versions.iter().map(|version| {
            map([
                ("source", text(versioned(&copy.official, &version.official))),
                ("target", text(versioned(&copy.mirror, &version.mirror))),
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
