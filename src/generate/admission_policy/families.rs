//! Families of tags, as expressions: what [`crate::tag::TagParts`] makes of a tag, taken apart once for each
//! image.

use crate::tag::{Major, VersionLine, Versions, pattern_of_build, pattern_of_version};

use super::cel::{all, any, quoted};
use super::claims::Claimed;

/// The condition that a line takes the tag of an image `i`.
pub(super) fn takes(line: &VersionLine<'_>) -> String {
    let (before, after) = (line.parts.prefix, line.parts.suffix);
    // No tag is of the family of tags without words.
    let before = match before {
        "" => "i.before in ['', ':']".to_owned(),
        before => format!("i.before == {}", quoted(&with_colon(before))),
    };
    let mut conditions = vec![before, format!("i.behind == {}", quoted(after))];
    conditions.extend(line.number.map(begins_with));
    all(&conditions)
}

/// The condition that the version in the tag of an image `i` begins with a number that is written without
/// leading zeros, or with one that fits a pattern for such numbers.
fn begins_with(number: &str) -> String {
    let first = match number {
        "" => "0+".to_owned(),
        number => format!("0*{number}"),
    };
    format!("i.build.matches({})", quoted(&pattern_of_version(&first)))
}

/// The condition that the version of an image `i` stays, right or not.
pub(super) fn stays(versions: &Versions<'_>, is_right: &str) -> Option<String> {
    let lines = versions.lines();
    if lines.is_empty() {
        return None;
    }
    let families = lines.iter().filter(|line| line.number.is_none());
    let known: Vec<String> = families.clone().map(takes).collect();
    let mut stays = vec![format!("!({})", any(&known))];
    for line in families {
        let keeps = match line.major {
            Major::Any => None,
            Major::UpTo(major) => {
                let says_nothing = format!("!{}", begins_with("[0-9]+"));
                Some(any(&[begins_with(&greater(major)), says_nothing]))
            }
            Major::Only(major) => Some(format!("!{}", begins_with(major))),
        };
        if let Some(keeps) = keeps {
            let mut arms = vec![takes(line), keeps];
            let numbered = lines.iter().filter(|line| line.number.is_some());
            arms.extend(numbered.map(|line| format!("!({})", takes(line))));
            stays.push(all(&arms));
        }
    }
    let wrong = all(&[format!("!({is_right})"), any(&stays)]);
    Some(if versions.knows_digests() {
        wrong
    } else {
        any(&["i.version.startsWith('@')".to_owned(), wrong])
    })
}

/// Whether the family of the tag of an image `i` decides.
pub(super) fn reads_families(claim: &Claimed<'_>) -> bool {
    let input = claim.agent.policy_input(claim.image);
    let versions = claim.image.tag_policy.versions(&input);
    !claim.is_disputed && versions.is_ok_and(|versions| !versions.lines().is_empty())
}

/// The fields in which an image `i` has its tag's parts, as [`crate::tag::TagParts`] are: the family's words
/// before the build with a colon before them, the build with the signs around it, and the words after it
/// with theirs.
pub(super) const PARTS: [&str; 3] = ["before", "build", "behind"];

/// Expressions for the tag of an image `i` and its build.
pub(super) fn build() -> [(&'static str, String); 2] {
    let found = format!("{TAG}.find({})", quoted(&pattern_of_build()));
    [
        ("tag", TAG.to_owned()),
        ("build", format!("i.claim == '' ? '' : {found}")),
    ]
}

/// Expressions for the [`PARTS`] of an image `i` with [`build`].
pub(super) fn parts() -> [(&'static str, String); 3] {
    // A match that no sign ends is at the tag's end.
    let has_end = "i.build.matches('[-_]$')";
    let start = format!("({has_end} ? i.tag.indexOf(i.build) : i.tag.size() - i.build.size())");
    let [before, build, behind] = PARTS;
    [
        (
            before,
            format!("i.build == '' ? i.tag : i.tag.substring(0, {start} + 1)"),
        ),
        (build, "i.build".to_owned()),
        (
            behind,
            format!("{has_end} ? i.tag.substring({start} + i.build.size() - 1) : ''"),
        ),
    ]
}

/// A tag as it follows an image's name; an empty tag is none.
pub(super) fn with_colon(tag: &str) -> String {
    match tag {
        "" => String::new(),
        tag => format!(":{tag}"),
    }
}

/// The tag of an image `i` with its colon, empty where there is none.
pub(super) const TAG: &str = "i.version.split('@')[0]";

/// A regular expression for whole numbers above one that is written without leading zeros.
fn greater(floor: &str) -> String {
    let mut arms = vec![format!("[1-9][0-9]{{{},}}", floor.len())];
    for (position, digit) in floor.bytes().enumerate() {
        if digit < b'9' {
            let rest = floor.len() - position - 1;
            let above = char::from(digit + 1);
            arms.push(format!("{}[{above}-9][0-9]{{{rest}}}", &floor[..position]));
        }
    }
    format!("({})", arms.join("|"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_above_a_floor() {
        assert_eq!(greater("1"), "([1-9][0-9]{1,}|[2-9][0-9]{0})");
        assert_eq!(greater("29"), "([1-9][0-9]{2,}|[3-9][0-9]{1})");
    }
}
