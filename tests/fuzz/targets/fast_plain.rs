//! The fast way against the plain one: the same nodes, units, edits, findings and faults, for any
//! text as it stands, and as items of a ResourceList written as the first byte says.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use restore_images::edit;
use restore_images::krm::quick;
use restore_images::krm::survey::{Way, survey};
use restore_images::restore::{Reading, Request, restore_by};
use restore_images::yaml::fast::{self, Arena, Stand};
use restore_images::yaml::{Kind, Node, read};
use restore_images_fuzz::{chosen, configs, today, wrap};

fuzz_target!(|data: &[u8]| -> Corpus {
    let Some((shape, text)) = chosen(data) else {
        return Corpus::Reject;
    };
    nodes(text);
    let config = configs::of(shape);
    let list = wrap::list(&wrap::documents(text), config, shape);
    for (input, config) in [(text, config), (&list, None)] {
        units(input);
        // What the fast way gives up the plain way reads, so that there is nothing to compare; half
        // of the shapes look all the same.
        if quick::outline(input).is_some() || shape >= 128 {
            alike(input, config);
        }
    }
    // Large texts are glanced at first.
    if shape / 16 % 8 == 7 {
        alike(
            &format!("{}\n# {}\n", text.trim_end(), "x".repeat(1 << 16)),
            config,
        );
    }
    Corpus::Keep
});

/// What the fast reader takes, the other takes too, and both give the same nodes and spans.
fn nodes(text: &str) {
    let Some(ours) = fast::document(text) else {
        return;
    };
    let theirs = read::only_document(text).expect("the plain reader refuses it");
    let theirs = format!("{theirs:?}");
    assert_eq!(format!("{ours:?}"), theirs, "{text:?}");
    let part = fast::part(text, 0..text.len(), Stand::Document, u32::MAX);
    let part = part.map(|part| format!("{:?}", part.root));
    assert_eq!(part.as_ref(), Some(&theirs), "{text:?}");
    let mut arena = Arena::default();
    let lent = fast::lean(&arena, text, &[]).map(|root| format!("{root:?}"));
    assert_eq!(lent, Some(theirs), "{text:?}");
    arena.clear();
    let less = fast::lean(&arena, text, &["env", "args", "ports"]);
    assert!(
        less.is_some(),
        "what is left out is read all the same: {text:?}"
    );
    mappings(text, &ours, 0, &mut 16);
}

/// Pairs of a block mapping that are read by themselves, as the check of an edit does, are what they
/// are in their document; of the first few.
fn mappings(text: &str, node: &Node<'_>, depth: u32, left: &mut u32) {
    if let Kind::Mapping(entries, false) = &node.kind {
        let Some(fewer) = left.checked_sub(1) else {
            return;
        };
        *left = fewer;
        let column = |at: usize| at - text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        for first in 0..entries.len() {
            for last in [first, entries.len() - 1] {
                let start = entries[first].key.start();
                let next = entries.get(last + 1);
                let end = next.map_or(node.span.end, |next| next.key.start());
                let end = if end == text.len() {
                    end
                } else {
                    end - column(end)
                };
                let lines = &text[start..end];
                if let Some(again) = fast::pairs(lines, column(node.start()), depth, &[]) {
                    let mut some = node.clone();
                    some.kind = Kind::Mapping(entries[first..=last].to_vec().into(), false);
                    let compared = edit::verify(&some, &again, &[]);
                    assert_eq!(compared, Ok(()), "{lines:?} of {text:?}");
                }
            }
        }
    }
    let entries = node.entries().unwrap_or_default().iter();
    let items = node.items().unwrap_or_default().iter();
    for value in entries.map(|entry| &entry.value).chain(items) {
        mappings(text, value, depth + 1, left);
    }
}

fn alike(input: &str, config: Option<&str>) {
    let outcome = |reading| {
        let request = Request {
            input,
            config,
            today: today(),
        };
        restore_by(&request, reading).map(|outcome| {
            let output = outcome.output(input);
            (
                output,
                outcome.edits,
                outcome.findings,
                outcome.is_resource_list,
                outcome.mode,
            )
        })
    };
    assert_eq!(outcome(Reading::Fast), outcome(Reading::Plain), "{input:?}");
}

/// The first pass gives the same units, configuration and profiles, or none.
fn units(input: &str) {
    let Some(mut quick) = quick::survey(input) else {
        return;
    };
    let plain = survey(input, Way::Items).expect("the plain way refuses it");
    let plain = plain.expect("the plain way cannot cut it");
    for unit in &mut quick.units {
        unit.distinct = false;
    }
    assert_eq!(quick.units, plain.units, "{input:?}");
    assert_eq!(quick.kinds, plain.kinds, "{input:?}");
    let rest = |survey: &restore_images::krm::survey::Survey<'_>| {
        let profiles = &survey.gathered.profiles;
        format!(
            "{:?} {:?} {profiles:?}",
            survey.list, survey.function_config
        )
    };
    assert_eq!(rest(&quick), rest(&plain), "{input:?}");
}
