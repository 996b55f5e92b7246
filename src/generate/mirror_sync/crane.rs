//! crane: one `copy` for each version; it copies every architecture unless told otherwise.

use crate::config::emit::MirrorSync;
use crate::generate::copies::ImageCopy;

use super::{ToolInput, is_insecure, script, versioned};

pub(super) fn plan(settings: &MirrorSync, copies: &[ImageCopy]) -> ToolInput {
    let commands = copies.iter().flat_map(|copy| {
        copy.versions.iter().map(|version| {
            let hosts = [copy.official.domain(), copy.mirror.domain()];
            let mut words = vec!["crane".to_owned(), "copy".to_owned()];
            if hosts.iter().any(|host| is_insecure(settings, host)) {
                words.push("--insecure".to_owned());
            }
            words.push(versioned(&copy.official, version));
            words.push(versioned(&copy.mirror, version));
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
