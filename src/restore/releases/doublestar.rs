//! Patterns of paths as Argo CD reads them in `valueFiles`, by the library doublestar: `*`, `?`, `[a-z]`,
//! `{a,b}`, and `**` for any folders.

/// How many patterns the alternatives of one may come to; with more of them it means no file, and is told.
const MOST_PATTERNS: usize = 256;

/// Whether a path matches a pattern without alternatives.
pub(super) fn matches(pattern: &str, path: &str) -> bool {
    let pattern: Vec<&str> = pattern.split('/').collect();
    let path: Vec<&str> = path.split('/').collect();
    // Which of the first steps of the path what was read of the pattern matches.
    let mut reached = vec![false; path.len() + 1];
    reached[0] = true;
    for step in pattern {
        let mut next = vec![false; path.len() + 1];
        for (at, _) in reached.iter().enumerate().filter(|(_, is)| **is) {
            if step == "**" {
                next[at..].fill(true);
                break;
            }
            if path.get(at).is_some_and(|name| is_name(step, name)) {
                next[at + 1] = true;
            }
        }
        reached = next;
    }
    reached[path.len()]
}

/// The patterns that the alternatives of a pattern come to: `{a,b}.yaml` is `a.yaml` and `b.yaml`, and one
/// may be in another. None where there are too many, or where a brace has no end.
pub(super) fn alternatives(pattern: &str) -> Vec<String> {
    let (mut open, mut plain) = (vec![pattern.to_owned()], Vec::new());
    while let Some(pattern) = open.pop() {
        match first_alternatives(&pattern) {
            Alternatives::Several(several) => open.extend(several),
            Alternatives::One => plain.push(pattern),
            Alternatives::Endless => return Vec::new(),
        }
        if open.len() + plain.len() > MOST_PATTERNS {
            return Vec::new();
        }
    }
    plain
}

/// What the first braces of a pattern come to.
enum Alternatives {
    /// It has none.
    One,
    /// The pattern with each of their alternatives.
    Several(Vec<String>),
    /// They have no end.
    Endless,
}

fn first_alternatives(pattern: &str) -> Alternatives {
    let (mut is_escaped, mut in_class, mut depth) = (false, false, 0);
    let (mut opened, mut ends) = (0, Vec::new());
    for (at, c) in pattern.char_indices() {
        if std::mem::take(&mut is_escaped) {
            continue;
        }
        match c {
            '\\' => is_escaped = true,
            '[' => in_class = true,
            ']' => in_class = false,
            _ if in_class => {}
            '{' => {
                if depth == 0 {
                    opened = at;
                }
                depth += 1;
            }
            ',' if depth == 1 => ends.push(at),
            '}' if depth == 1 => {
                ends.push(at);
                let (before, after) = (&pattern[..opened], &pattern[at + 1..]);
                let starts = std::iter::once(opened).chain(ends.iter().copied());
                let each = starts
                    .zip(&ends)
                    .map(|(start, end)| &pattern[start + 1..*end]);
                let each = each.map(|one| format!("{before}{one}{after}"));
                return Alternatives::Several(each.collect());
            }
            '}' if depth > 1 => depth -= 1,
            _ => {}
        }
    }
    if depth == 0 {
        Alternatives::One
    } else {
        Alternatives::Endless
    }
}

/// By what paths are put in order: the files of a folder come before those below it, both by their names.
pub(super) fn order(path: &str) -> Vec<(bool, &str)> {
    let mut steps: Vec<(bool, &str)> = path.split('/').map(|step| (true, step)).collect();
    if let Some((is_folder, _)) = steps.last_mut() {
        *is_folder = false;
    }
    steps
}

/// Whether a name matches one step of a pattern.
fn is_name(pattern: &str, name: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let name: Vec<char> = name.chars().collect();
    let (mut at, mut read) = (0, 0);
    // Where to go on after the last star, and with how much of the name left to it.
    let mut star = None;
    loop {
        let end = match pattern.get(at) {
            Some('*') => {
                star = Some((at + 1, read));
                at += 1;
                continue;
            }
            None if read == name.len() => return true,
            Some(_) => name.get(read).and_then(|c| after(&pattern, at, *c)),
            None => None,
        };
        match (end, star) {
            (Some(end), _) => (at, read) = (end, read + 1),
            (None, Some((from, taken))) if taken < name.len() => {
                star = Some((from, taken + 1));
                (at, read) = (from, taken + 1);
            }
            (None, _) => return false,
        }
    }
}

/// Where a pattern goes on after the character or class at an offset, if a character matches that.
fn after(pattern: &[char], at: usize, c: char) -> Option<usize> {
    match pattern[at] {
        '?' => Some(at + 1),
        '[' => {
            let end = at + 1 + pattern[at + 1..].iter().skip(1).position(|c| *c == ']')? + 1;
            let inner = &pattern[at + 1..end];
            let (is_negated, inner) = match inner.first() {
                Some('!' | '^') => (true, &inner[1..]),
                _ => (false, inner),
            };
            (class_has(inner, c) != is_negated).then_some(end + 1)
        }
        '\\' => (*pattern.get(at + 1)? == c).then_some(at + 2),
        own => (own == c).then_some(at + 1),
    }
}

/// Whether the inside of brackets has a character.
fn class_has(class: &[char], c: char) -> bool {
    let mut rest = class;
    while let Some((first, more)) = rest.split_first() {
        rest = more;
        if let ['-', last, more @ ..] = rest {
            if (*first..=*last).contains(&c) {
                return true;
            }
            rest = more;
        } else if *first == c {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_read_as_doublestar_does() {
        for (pattern, yes, no) in [
            (
                "envs/*.yaml",
                &["envs/a.yaml"][..],
                &["envs/b/a.yaml", "envs/a.yml", "x/envs/a.yaml"][..],
            ),
            (
                "envs/**/*.yaml",
                &["envs/a.yaml", "envs/b/c/a.yaml"],
                &["a.yaml", "envs/a.yml"],
            ),
            ("**", &["a", "a/b"], &[]),
            ("a?c[x-z].yaml", &["abcy.yaml"], &["ac.yaml", "abca.yaml"]),
            ("[!a]*", &["b", "bc"], &["a", "ab"]),
            ("*a*b", &["ab", "xaab", "aabb"], &["a", "ba"]),
            ("[]a]x", &["]x", "ax"], &["x"]),
            (r"\*", &["*"], &["a"]),
            ("[a", &[], &["a", "[a"]),
            ("{a,b/c}*", &["a", "ax", "b/cx"], &["b", "c"]),
            ("{a{1,2},}b", &["a1b", "a2b", "b"], &["ab"]),
            ("[{]a,b}", &["{a,b}"], &["a", "b"]),
            (r"\{a,b}", &["{a,b}"], &["a", "b"]),
            ("a{b", &[], &["a{b", "ab"]),
        ] {
            let all = alternatives(pattern);
            let is_matched = |path: &str| all.iter().any(|pattern| matches(pattern, path));
            for path in yes {
                assert!(is_matched(path), "{pattern} and {path}");
            }
            for path in no {
                assert!(!is_matched(path), "{pattern} and {path}");
            }
        }
        assert_eq!(alternatives(&"{a,b}".repeat(9)), [""; 0]);
        let mut paths = ["e/n/c.yaml", "e/z.yaml", "e/a.yaml"];
        paths.sort_by_key(|path| order(path));
        assert_eq!(paths, ["e/a.yaml", "e/z.yaml", "e/n/c.yaml"]);
    }
}
