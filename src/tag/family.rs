//! Families of tags: `ubi10-4.0.2` is of one with `ubi10-4`, and neither with `4` nor with `win-4`.
//!
//! What is in an image of another family is not the same: another base, another system, other
//! plugins. So tags are compared and restored within their family alone.

use crate::image::version;

/// Words that say how far along a build is, or for which processor it is, and not what is in it; a
/// number may follow.
const STAGES: [&str; 23] = [
    "latest", "stable", "edge", "nightly", "main", "master", "release", "current", "rc", "alpha",
    "beta", "pre", "preview", "dev", "snapshot", "SNAPSHOT", "build", "ga", "GA", "amd", "arm",
    "aarch", "x",
];

/// A tag as its family's words, and the segments among them that say which build it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts<'t> {
    /// The family's words before the build, with the sign behind them: `ubi10-`.
    before: &'t str,
    /// The build: `4.0.2`, `latest`.
    build: &'t str,
    /// The family's words behind the build, with the sign before them: `-jmx`.
    behind: &'t str,
}

impl<'t> Parts<'t> {
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
        Parts {
            before: &tag[..start],
            build: &tag[start..end],
            behind: &tag[end..],
        }
    }

    /// Whether two tags are of one family.
    pub fn is_of(&self, other: &Parts<'_>) -> bool {
        self.before == other.before && self.behind == other.behind
    }

    /// The version that the build begins with, as [`version::parse`] reads it.
    pub fn version(&self) -> Option<Vec<&'t str>> {
        version::parse(self.build)
    }

    /// Whether there is anything around the build.
    pub(super) fn has_words(&self) -> bool {
        !self.before.is_empty() || !self.behind.is_empty()
    }

    /// The version of another tag: of the same family, or, where this one has no words, of any whose
    /// words come behind it.
    pub(super) fn version_of<'o>(&self, other: &'o str) -> Option<Vec<&'o str>> {
        if self.has_words() {
            Parts::of(other).version()
        } else {
            version::parse(other)
        }
    }

    /// The number that the build consists of: that of `ubi10-4`.
    pub fn number(&self) -> Option<&'t str> {
        version::whole_number(self.build)
    }

    /// A regular expression for the tags of the family behind a colon, as [`is_stage`] knows them;
    /// `literal` makes one of a text.
    pub fn pattern(&self, literal: impl Fn(&str) -> String) -> String {
        let (before, behind) = (literal(self.before), literal(self.behind));
        let stages = STAGES.join("|");
        let stage = format!("([vV]?[0-9][0-9A-Za-z.]*|({stages})[0-9.]*|g?[0-9a-f]{{7,40}})");
        format!("^:{before}{stage}([-_]{stage})*{behind}$")
    }

    /// A regular expression for those tags of the family whose version begins with a number that
    /// fits `number`, which is one itself.
    pub fn numbered(&self, number: &str, literal: impl Fn(&str) -> String) -> String {
        let (before, behind) = (literal(self.before), literal(self.behind));
        format!("^:{before}[vV]?0*{number}([-._].*)?{behind}$")
    }
}

/// Whether a segment of a tag says which build it is: a version, a stage, or a commit.
fn is_stage(segment: &str) -> bool {
    let number = segment.strip_prefix(['v', 'V']).unwrap_or(segment);
    if number.starts_with(|c: char| c.is_ascii_digit()) {
        return number
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'.');
    }
    let stage = segment.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    if STAGES.contains(&stage) {
        return true;
    }
    let hash = segment.strip_prefix('g').unwrap_or(segment);
    let is_hash = |text: &str| {
        (7..=40).contains(&text.len())
            && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    };
    is_hash(hash)
}

#[cfg(test)]
mod tests {
    use regex::Regex;

    use super::*;

    #[track_caller]
    fn check(tag: &str, before: &str, build: &str, behind: &str) {
        let expected = Parts {
            before,
            build,
            behind,
        };
        assert_eq!(Parts::of(tag), expected, "{tag}");
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
    }

    #[test]
    fn patterns_fit_the_tags_of_the_family() {
        let tags = [
            "4",
            "v4.1",
            "ubi10-4",
            "ubi10-4.0.2-rc1",
            "ubi9-4",
            "4-jmx",
            "latest",
            "stable-fips",
            "7.1_2-fips",
            "main-0123abc",
            "abcdefa",
            "jmx",
            "1--2",
            "-",
            "ubi10-",
            "4.-x",
            "release22000",
        ];
        for one in tags {
            let pattern = Parts::of(one).pattern(regex::escape);
            let pattern = Regex::new(&pattern).expect("an expression");
            for other in tags
                .iter()
                .filter(|other| !Parts::of(other).build.is_empty())
            {
                let is_one = Parts::of(one).is_of(&Parts::of(other));
                assert_eq!(
                    pattern.is_match(&format!(":{other}")),
                    is_one,
                    "{one} {other}"
                );
            }
        }
    }
}
