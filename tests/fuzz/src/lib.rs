//! What the fuzz targets share: running the library, and what must hold of whatever it gives.

pub mod configs;
pub mod readers;
pub mod told;
pub mod wrap;

use restore_images::config::Date;
use restore_images::edit::Edit;
use restore_images::error::Error;
use restore_images::function;
use restore_images::restore::{Outcome, Request};

/// The day of every run, so that a crash of today is one tomorrow.
pub fn today() -> Date {
    Date::from_unix_days(20_000)
}

/// What one run gave.
pub struct Run {
    /// Edits and findings.
    pub outcome: Outcome,
    /// The edits, that of the results among them.
    pub edits: Vec<Edit>,
    /// The input with its edits.
    pub output: String,
}

/// Restores an input, and checks what holds of each outcome and each fault.
pub fn run(input: &str, config: Option<&str>) -> Result<Run, Error> {
    let request = Request {
        input,
        config,
        today: today(),
    };
    let outcome = match function::run(&request) {
        Ok(outcome) => outcome,
        Err(error) => {
            told::fault(&error, input, config);
            return Err(error);
        }
    };
    told::findings(&outcome.findings, input);
    let edits = outcome.all_edits();
    let output = applied(input, &edits);
    let pieces = outcome.output(input);
    assert_eq!(pieces, output, "the pieces are not input and edits");
    Ok(Run {
        outcome,
        edits,
        output,
    })
}

/// The input with its edits, by the plainest of means.
fn applied(input: &str, edits: &[Edit]) -> String {
    let mut output = String::new();
    let mut at = 0;
    for edit in edits {
        assert!(edit.span.start >= at, "edits overlap: {edits:?}");
        output.push_str(&input[at..edit.span.start]);
        output.push_str(&edit.text);
        at = edit.span.end;
    }
    output.push_str(&input[at..]);
    output
}

/// A text's first byte, which chooses, and the rest of it; `None` for what is no text.
pub fn chosen(data: &[u8]) -> Option<(usize, &str)> {
    let (&choice, rest) = data.split_first()?;
    Some((usize::from(choice), std::str::from_utf8(rest).ok()?))
}
