//! The steps of an explanation, drawn for people.

use crate::decide::steps::TraceStep;
use crate::quote::piece;

/// A heading, and below it each step with its value and why.
pub(super) fn in_text(image: &str, steps: &[TraceStep], color: bool) -> String {
    let bold = if color {
        anstyle::Style::new().bold()
    } else {
        anstyle::Style::new()
    };
    let mut out = format!("{bold}{}{bold:#}\n\n", piece(image));
    let width = steps
        .iter()
        .map(|step| step.name.len())
        .max()
        .unwrap_or_default();
    for step in steps {
        let value = piece(&step.value);
        out.push_str(&format!("  {:width$}  {bold}{value}{bold:#}\n", step.name));
        if !step.why.is_empty() {
            out.push_str(&format!("  {:width$}  {}\n", "", piece(&step.why)));
        }
    }
    out
}
