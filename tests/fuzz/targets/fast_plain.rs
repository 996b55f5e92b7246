//! Both parsers against the reference parser alone: the same nodes, units, edits, findings and faults,
//! for any text as it is, and as items of a ResourceList written as the first byte says.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use restore_images::config::Trust;
use restore_images::function::run_with;
use restore_images::krm::survey::{Survey, survey};
use restore_images::restore::Request;
use restore_images::yaml::parse::{Arena, Keep, Parser, Piece};
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
        alike(input, config);
    }
    // Large texts are searched before they are judged.
    if shape / 16 % 8 == 7 {
        alike(
            &format!("{}\n# {}\n", text.trim_end(), "x".repeat(1 << 16)),
            config,
        );
    }
    Corpus::Keep
});

/// What the fast parser takes, the reference parser takes too, and both give the same nodes and spans.
fn nodes(text: &str) {
    let whole = Piece::whole(text);
    let mut arena = Arena::default();
    for keep in [Keep::All, Keep::Levels(2)] {
        arena.clear();
        let ours = Parser::default().piece(text, &whole, keep, Some(&arena));
        let theirs = Parser::reference_only().piece(text, &whole, keep, None);
        match (ours, theirs) {
            (Ok(ours), Ok(theirs)) if keep == Keep::All => {
                assert_eq!(
                    format!("{:?}", ours.root),
                    format!("{:?}", theirs.root),
                    "{text:?}"
                );
            }
            (Ok(ours), Ok(theirs)) => assert_eq!(ours.root.span, theirs.root.span, "{text:?}"),
            (ours, theirs) => assert_eq!(ours.err(), theirs.err(), "{text:?}"),
        }
    }
}

fn alike(input: &str, config: Option<&str>) {
    let outcome = |parser| {
        let request = Request {
            input,
            config,
            today: today(),
        };
        run_with(&request, parser, Trust::ALL).map(|outcome| {
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
    let (ours, theirs) = (
        outcome(Parser::default()),
        outcome(Parser::reference_only()),
    );
    assert_eq!(ours, theirs, "{input:?}");
}

/// The first pass gives the same units, configuration and profiles.
fn units(input: &str) {
    let ours = survey(input, Parser::default());
    let theirs = survey(input, Parser::reference_only());
    let (Ok(mut ours), Ok(theirs)) = (ours, theirs) else {
        // That both refuse it alike is for `alike` to say.
        return;
    };
    for unit in &mut ours.units {
        unit.is_searchable = false;
    }
    assert_eq!(ours.units, theirs.units, "{input:?}");
    assert_eq!(ours.kinds, theirs.kinds, "{input:?}");
    let rest = |survey: &Survey<'_>| {
        let profiles = &survey.gathered.profiles;
        format!(
            "{:?} {:?} {profiles:?}",
            survey.list, survey.function_config
        )
    };
    assert_eq!(rest(&ours), rest(&theirs), "{input:?}");
}
