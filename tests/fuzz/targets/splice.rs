//! Any text through parse and edits: the first byte chooses the configuration, the rest is a stream
//! of documents.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use restore_images::error::Origin;
use restore_images_fuzz::{chosen, configs, readers, run, told};

fuzz_target!(|data: &[u8]| -> Corpus {
    let Some((choice, text)) = chosen(data) else {
        return Corpus::Reject;
    };
    let config = configs::of(choice);
    if choice / 16 % 4 == 1 {
        told::file(text, config, choice / 64 % 2 == 1);
        return Corpus::Keep;
    }
    let first = match run(text, config) {
        Ok(first) => first,
        Err(error) => {
            let origin = &error.fault().origin;
            assert_ne!(*origin, Origin::Config, "the target's own: {error:?}");
            return Corpus::Keep;
        }
    };
    let fields = first
        .outcome
        .findings
        .iter()
        .filter_map(|finding| finding.field.as_ref());
    let mut proposed = fields.filter(|field| field.proposed.is_some());
    if proposed.next().is_none() && !first.outcome.is_resource_list {
        assert_eq!(first.output, text, "nothing was to be changed");
    }
    if first.edits.is_empty() {
        return Corpus::Keep;
    }
    let second = run(&first.output, config).expect("the output is refused");
    if !first.outcome.is_resource_list {
        assert_eq!(second.output, first.output, "a second run changes {text:?}");
        assert!(second.edits.is_empty(), "{:?}", second.edits);
    }
    readers::compare(text, &first.output, &first.edits, &first.outcome.findings);
    Corpus::Keep
});
