//! Links between documents: every one leads somewhere.

use std::fs;
use std::path::Path;

use crate::support::markdown;

/// The targets of a text's links, code aside.
fn links(text: &str) -> Vec<String> {
    let prose = text
        .split("\n```")
        .step_by(2)
        .collect::<Vec<_>>()
        .join("\n");
    let outside_code: String = prose.split('`').step_by(2).collect();
    outside_code
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'))
        .map(|(target, _)| target.to_owned())
        .collect()
}

#[test]
fn every_link_leads_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut documents = Vec::new();
    markdown(root, &mut documents);
    let mut followed = 0;
    for document in documents {
        for link in links(&fs::read_to_string(&document).expect("a text")) {
            if link.contains("://") {
                continue;
            }
            let (path, heading) = link.split_once('#').unwrap_or((&link, ""));
            let target = match path {
                "" => document.clone(),
                path => document.parent().expect("a folder").join(path),
            };
            assert!(target.exists(), "{}: {link}", document.display());
            if !heading.is_empty() {
                let text = fs::read_to_string(&target).expect("a text");
                let found = text.lines().any(|line| anchor(line) == heading);
                assert!(found, "{}: {link}", document.display());
            }
            followed += 1;
        }
    }
    assert!(followed > 50, "{followed}");
}

/// The anchor that a heading gets; of any other line, nothing.
fn anchor(line: &str) -> String {
    let title = line.trim_start_matches('#');
    if title.len() == line.len() {
        return String::new();
    }
    let words = title.trim().to_lowercase().replace(' ', "-");
    words
        .chars()
        .filter(|letter| letter.is_alphanumeric() || matches!(letter, '-' | '_'))
        .collect()
}
