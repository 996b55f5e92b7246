//! A JSONPath of the configuration, the first line, over a small document, the rest.
//!
//! What grows faster than the text shows as a timeout: an input has a few kilobytes.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use restore_images::field::query::KeyPath;
use restore_images_fuzz::{readers, run};

fuzz_target!(|data: &[u8]| -> Corpus {
    let Ok(text) = std::str::from_utf8(data) else {
        return Corpus::Reject;
    };
    let (path, document) = text.split_once('\n').unwrap_or((text, ""));
    if let Err(fault) = KeyPath::parse(path) {
        assert!(path.is_char_boundary(fault.at), "{fault:?}");
        assert!(
            !fault.what.is_empty() && !fault.what.contains('\n'),
            "{fault:?}"
        );
    }
    let path = serde_json::json!(path);
    let config = format!(
        "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {{name: c}}\nspec:\n  agents: [realtheory-collector]\n  registries:\n  - {{source: docker.io, mirror: reg.corp/hub, scope: all}}\n  fields:\n  - {{apiVersion: example.com/v1, kind: Thing, image: {path}}}\n"
    );
    let input = format!("apiVersion: example.com/v1\nkind: Thing\n{document}");
    if let Ok(first) = run(&input, Some(&config))
        && !first.edits.is_empty()
    {
        let second = run(&first.output, Some(&config)).expect("the output is refused");
        // An edit can change which values a filter selects: then the next run restores those.
        if !path.to_string().contains('?') {
            assert_eq!(
                first.output, second.output,
                "a second run changes {input:?}"
            );
        }
        readers::compare(&input, &first.output, &first.edits, &first.outcome.findings);
    }
    Corpus::Keep
});
