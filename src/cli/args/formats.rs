//! The formats in which findings, lists and answers are written, and other choices of one word.

use clap::ValueEnum;

/// How findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Format {
    /// For people
    Text,
    /// For people and editors, a line each
    Short,
    /// For programs; `restore-images schema report` describes it
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of GitHub Actions
    Github,
    /// Code Quality of GitLab
    Gitlab,
    /// A page for a browser
    Html,
    /// JUnit XML, for test reports
    Junit,
    /// Markdown, for the comment of a pull request
    Markdown,
}

impl Format {
    /// Whether people read it, so that a summary belongs to it.
    pub(in crate::cli) fn is_for_people(self) -> bool {
        matches!(self, Format::Text | Format::Short)
    }

    /// Whether a job's log shows it, so that the summary belongs beside it: the report has none, and is
    /// empty where nothing was found.
    pub(in crate::cli) fn is_for_logs(self) -> bool {
        matches!(self, Format::Github | Format::Gitlab)
    }

    /// Whether it has a place for the edits that restore what was found.
    pub(in crate::cli) fn carries_fixes(self) -> bool {
        match self {
            Format::Json | Format::Sarif | Format::Markdown => true,
            Format::Text
            | Format::Short
            | Format::Github
            | Format::Gitlab
            | Format::Html
            | Format::Junit => false,
        }
    }
}

/// How the list of images is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ListFormat {
    /// A table
    Text,
    /// For programs
    Json,
    /// For spreadsheets
    Csv,
    /// A page for a browser
    Html,
    /// A file for `skopeo sync`: what to copy to a mirror
    Skopeo,
}

/// How joined reports are written.
#[cfg(feature = "pages")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum JoinedFormat {
    /// Tables
    Text,
    /// For programs; `restore-images schema joined` describes it
    Json,
    /// Markdown, for an issue or a workflow's summary
    Markdown,
    /// A page for a browser
    Html,
}

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum PlainFormat {
    /// For people
    Text,
    /// For programs
    Json,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Color {
    /// On a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// What a schema describes.
#[cfg(feature = "pages")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum SchemaOf {
    /// The configuration: RestoreImages
    Config,
    /// What generates: GenerateImages
    Generate,
    /// A profile of your own: AgentProfile
    Profile,
    /// What `--format json` writes
    Report,
    /// What `report --format json` writes
    Joined,
    /// What `mirror status --format json` writes
    #[cfg(feature = "mirror")]
    Mirror,
}
