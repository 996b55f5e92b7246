//! Families of tags: `ubi10-4.0.2` is of one family with `ubi10-4`, and neither with `4` nor with `win-4`.
//!
//! An image of another family has other contents: another base, another system, other
//! plugins. So tags are compared and restored within their family alone.

use crate::image::version;

/// Words that say how far along a build is, or for which processor it is, and not what is in it; a
/// number may follow.
const STAGES: [&str; 29] = [
    "latest", "stable", "edge", "nightly", "main", "master", "release", "current", "rc", "alpha",
    "beta", "pre", "preview", "dev", "snapshot", "SNAPSHOT", "build", "ga", "GA", "amd", "arm",
    "aarch", "x", "RC", "CR", "M", "Final", "RELEASE", "post",
];

/// The stages, and suffixes of numbers, of what comes before a release.
const BEFORE_RELEASE: [&str; 13] = [
    "rc", "RC", "CR", "M", "alpha", "beta", "pre", "preview", "dev", "snapshot", "SNAPSHOT", "a",
    "b",
];

/// What may follow the digits of a version's part, besides a stage: a pre-release of Python, a revision, a
/// patch.
const SUFFIXES: [&str; 4] = ["a", "b", "p", "r"];

/// A tag as its family's words, and the segments among them that say which build it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TagParts<'t> {
    /// The family's words before the build, with the sign after them: `ubi10-`.
    pub prefix: &'t str,
    /// The build: `4.0.2`, `latest`.
    pub build: &'t str,
    /// The family's words after the build, with the sign before them: `-jmx`.
    pub suffix: &'t str,
}

impl<'t> TagParts<'t> {
    /// The parts of a tag; of no tag, all are empty.
    pub fn of(tag: &'t str) -> Self {
        let mut start = None;
        let mut end = tag.len();
        let mut at = 0;
        for segment in tag.split(['-', '_']) {
            match start {
                None if is_stage(segment) => start = Some(at),
                Some(_) if !is_stage(segment) => {
                    end = at - 1;
                    break;
                }
                _ => {}
            }
            at += segment.len() + 1;
        }
        let start = start.unwrap_or(tag.len());
        TagParts {
            prefix: &tag[..start],
            build: &tag[start..end],
            suffix: &tag[end..],
        }
    }

    /// Whether two tags are of one family.
    pub fn is_of(&self, other: &TagParts<'_>) -> bool {
        self.prefix == other.prefix && self.suffix == other.suffix
    }

    /// The version in the build, after words such as `arm64-`, as [`version::parse`] reads it.
    pub fn version(&self) -> Option<Vec<&'t str>> {
        let mut at = 0;
        for segment in self.build.split(['-', '_']) {
            let number = segment.strip_prefix(['v', 'V']).unwrap_or(segment);
            if number.starts_with(|c: char| c.is_ascii_digit()) {
                return version::parse(&self.build[at..]);
            }
            at += segment.len() + 1;
        }
        None
    }

    /// Whether the build comes before the release of its version: `7.60-rc1`, `1.2.3b2`.
    pub(super) fn is_before_release(&self) -> bool {
        let segments = self.build.split(['-', '_', '.']);
        segments.skip(1).chain([self.build]).any(|segment| {
            let word = segment.trim_end_matches(|c: char| c.is_ascii_digit());
            let word = word.trim_start_matches(|c: char| c.is_ascii_digit());
            BEFORE_RELEASE.contains(&word)
        })
    }

    /// Whether there is anything around the build.
    pub(super) fn has_words(&self) -> bool {
        !self.prefix.is_empty() || !self.suffix.is_empty()
    }

    /// The version of another tag: of the same family, or, where this one has no words, of any whose
    /// words come after it.
    pub(super) fn version_of<'o>(&self, other: &'o str) -> Option<Vec<&'o str>> {
        if self.has_words() {
            TagParts::of(other).version()
        } else {
            version::parse(other)
        }
    }

    /// The number that the build consists of: that of `ubi10-4`.
    pub fn number(&self) -> Option<&'t str> {
        version::whole_number(self.build)
    }
}

/// A regular expression for what [`TagParts::build`] is of a tag, whose first match in a tag after a colon is
/// the build with the signs around it: `-4.0.2` of `:ubi10-4.0.2`, `:7.60.0-` of `:7.60.0-jmx`.
pub fn pattern_of_build() -> String {
    let (stages, suffixes) = (STAGES.join("|"), SUFFIXES.join("|"));
    let part = format!(
        "([0-9]*(({stages})[0-9]*)?|[0-9]+(({suffixes})[0-9]*|T[0-9]*Z?)|[0-9a-f]{{7,40}})"
    );
    let number = format!(
        "[vV]?[0-9]([0-9]*(({stages}|{suffixes})[0-9]*|T[0-9]*Z?)?|[0-9a-f]{{6,39}})(\\.{part})*"
    );
    let stage = format!("({number}|({stages})[0-9.]*|g?[0-9a-f]{{7,40}})");
    format!("(^:|[-_])({stage}([-_]|$))+")
}

/// A regular expression for matches of [`pattern_of_build`] that have a [`TagParts::version`] whose first
/// number, with its leading zeros, fits `first`, which is one itself.
pub fn pattern_of_version(first: &str) -> String {
    let words = "([a-uw-zA-UW-Z][^-_]*[-_])*";
    format!("^.{words}[vV]?{first}(\\.?([^0-9A-Za-z.].*)?|(\\.[0-9]+)+\\.?([^0-9.].*)?)$")
}

/// Whether a segment of a tag says which build it is: a version, a stage, or a commit.
fn is_stage(segment: &str) -> bool {
    let number = segment.strip_prefix(['v', 'V']).unwrap_or(segment);
    if number.starts_with(|c: char| c.is_ascii_digit()) {
        return is_commit(number) || number.split('.').all(is_part_of_version);
    }
    let stage = segment.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    if STAGES.contains(&stage) {
        return true;
    }
    is_commit(segment.strip_prefix('g').unwrap_or(segment))
}

/// Whether a text may be the start of a commit's hash.
fn is_commit(text: &str) -> bool {
    (7..=40).contains(&text.len()) && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// Whether what is between the dots of a version is a number, a number with a stage or a time of day
/// after it, or a stage: of `4.1.fips`, the last is none of these.
fn is_part_of_version(part: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let rest = part.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_time = |time: &str| digits(time.strip_suffix('Z').unwrap_or(time));
    let has_number = rest.len() < part.len();
    if has_number && rest.strip_prefix('T').is_some_and(is_time) {
        return true;
    }
    let word = rest.trim_end_matches(|c: char| c.is_ascii_digit());
    let is_suffix = has_number && SUFFIXES.contains(&word);
    word.is_empty() || is_suffix || STAGES.contains(&word) || is_commit(part)
}

#[cfg(test)]
mod tests {
    use regex::Regex;

    use super::*;

    #[track_caller]
    fn check(tag: &str, prefix: &str, build: &str, suffix: &str) {
        let expected = TagParts {
            prefix,
            build,
            suffix,
        };
        assert_eq!(TagParts::of(tag), expected, "{tag}");
    }

    #[test]
    fn a_tag_is_its_build_among_its_familys_words() {
        check("4", "", "4", "");
        check("ubi10-4.0.2", "ubi10-", "4.0.2", "");
        check("7.60.0-jmx", "", "7.60.0", "-jmx");
        check("win-latest", "win-", "latest", "");
        check("v3.10.0-distroless", "", "v3.10.0", "-distroless");
        check("1.2.0-rc1_build7", "", "1.2.0-rc1_build7", "");
        check("v2.53.5-gmp.2-gke.0", "", "v2.53.5", "-gmp.2-gke.0");
        check("ubuntu.24.04", "ubuntu.24.04", "", "");
        check("4.19.2-4-gabcdef0", "", "4.19.2-4-gabcdef0", "");
        check("", "", "", "");
        check("1--2", "", "1", "--2");
        check("arm64-latest", "", "arm64-latest", "");
        assert_eq!(TagParts::of("arm64-v4.1").version(), Some(vec!["4", "1"]));
        assert_eq!(TagParts::of("main-0123abc").version(), None);
        check("4.1.0.fips", "4.1.0.fips", "", "");
        check("1.2.3.ubi8", "1.2.3.ubi8", "", "");
        check("4fips", "4fips", "", "");
        check("1.2.3rc1", "", "1.2.3rc1", "");
        check("7.0.0b2-jmx", "", "7.0.0b2", "-jmx");
        check("20240101T120000Z", "", "20240101T120000Z", "");
        check("553640e6", "", "553640e6", "");
        check("1.2.beta3.4", "", "1.2.beta3.4", "");
    }

    /// The patterns, compiled.
    struct FamilyPatterns {
        build: Regex,
        version: Regex,
        four: Regex,
    }

    impl FamilyPatterns {
        /// The pieces that an admission policy makes of a tag are those of [`TagParts`].
        #[track_caller]
        fn check(&self, tag: &str) {
            let text = format!(":{tag}");
            let found = self.build.find(&text).map_or("", |found| found.as_str());
            let has_end = found.ends_with(['-', '_']);
            let start = if has_end {
                text.find(found).expect("found")
            } else {
                text.len() - found.len()
            };
            let parts = TagParts::of(tag);
            let (prefix, suffix) = match (found, has_end) {
                ("", _) => (tag, ""),
                (_, true) => (&text[1..=start], &text[start + found.len() - 1..]),
                (_, false) => (&text[1..=start], ""),
            };
            assert_eq!((prefix, suffix), (parts.prefix, parts.suffix), "{tag}");
            let first = parts.version().map(|version| version[0]);
            assert_eq!(self.version.is_match(found), first.is_some(), "{tag}");
            assert_eq!(self.four.is_match(found), first == Some("4"), "{tag}");
        }
    }

    #[test]
    fn the_patterns_find_the_same_parts() {
        let segments = [
            "4",
            "v4.1",
            "ubi10",
            "4.0.2",
            "rc1",
            "jmx",
            "latest",
            "stable",
            "fips",
            "7.1",
            "2",
            "main",
            "0123abc",
            "abcdefa",
            "",
            "4.",
            "x",
            "release22000",
            "4.1.0.fips",
            "4fips",
            "1.2.3rc1",
            "7.0.0b2",
            "20240101T1200",
            "553640e6",
            "1.2.beta3.4",
            "1..2",
            "4..2",
            "1.",
            "1.2.r5",
            "1.2.3r5",
            "2.0.0RC1",
            "3.7.0.Final",
            "1.2.3.ubi8",
            "4.x",
            "04",
            "gabcdef0",
            "arm64",
            "v",
            "windowsservercore",
        ];
        let expression = |pattern: &str| Regex::new(pattern).expect("an expression");
        let patterns = FamilyPatterns {
            build: expression(&pattern_of_build()),
            version: expression(&pattern_of_version("[0-9]+")),
            four: expression(&pattern_of_version("0*4")),
        };
        for one in segments {
            patterns.check(one);
            for two in segments {
                patterns.check(&format!("{one}-{two}"));
                patterns.check(&format!("{one}_{two}-{one}"));
                patterns.check(&format!("{two}-4-{one}"));
            }
        }
    }
}
