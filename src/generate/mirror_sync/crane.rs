//! crane: one `copy` for each version; it copies every architecture unless told otherwise.

use crate::generate::copies::ImageCopy;

use super::{Hosts, ToolInput, script, versioned};

pub(super) fn plan(hosts: Hosts<'_>, copies: &[ImageCopy]) -> ToolInput {
    let commands = copies.iter().flat_map(|copy| {
        copy.versions.iter().map(|version| {
            let mut words = vec!["crane".to_owned(), "copy".to_owned()];
            if hosts.are_unverified(copy) {
                words.push("--insecure".to_owned());
            }
            words.push(versioned(&copy.official, &version.official));
            words.push(versioned(&copy.mirror, &version.mirror));
            words
        })
    });
    let commands: Vec<Vec<String>> = commands.collect();
    ToolInput {
        files: vec![("sync.sh".to_owned(), script(&commands))],
        command: Some(vec!["sh".to_owned(), "sync.sh".to_owned()]),
        args: Vec::new(),
    }
}
