//! The steps of a decision, noted where it is made, for people who ask why.

/// One step: what was found, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceStep {
    /// What the step is about: `official`.
    pub name: &'static str,
    /// What was found.
    pub value: String,
    /// Why; may be empty.
    pub why: String,
}

impl TraceStep {
    /// A step from its parts.
    pub fn new(name: &'static str, value: impl Into<String>, why: impl Into<String>) -> Self {
        TraceStep {
            name,
            value: value.into(),
            why: why.into(),
        }
    }
}

/// Where a decision notes its steps. Where nobody asks for them, no step is even put into words, so that
/// large inputs pay nothing.
#[derive(Debug)]
pub struct Steps(Option<Vec<TraceStep>>);

impl Steps {
    /// For a decision whose steps nobody asks for.
    pub const fn unasked() -> Self {
        Steps(None)
    }

    /// For a decision whose steps are wanted.
    pub const fn asked() -> Self {
        Steps(Some(Vec::new()))
    }

    /// Whether somebody asks for the steps.
    pub fn are_asked(&self) -> bool {
        self.0.is_some()
    }

    /// Notes a step.
    pub fn note(&mut self, step: impl FnOnce() -> TraceStep) {
        if let Some(steps) = &mut self.0 {
            steps.push(step());
        }
    }

    /// The steps, in the order in which they were noted.
    pub fn into_list(self) -> Vec<TraceStep> {
        self.0.unwrap_or_default()
    }
}
