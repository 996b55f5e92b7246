//! Suggestions for misspelt words: the nearest known word.

/// Words of more characters are not compared: no key or name is that long.
const MAX_LENGTH: usize = 64;

/// The nearest of the known words, if one is near: at most 2 edits away, or a third of the longer
/// word's length, and at most half of it. Letter case does not count; of equals the first wins.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    nearest_with(word, known).map(|(_, near)| near)
}

/// As [`nearest`], with the number of edits.
fn nearest_with<'a>(
    word: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<(usize, &'a str)> {
    let word = lower(word)?;
    let mut best: Option<(usize, &str)> = None;
    for candidate in known {
        let Some(letters) = lower(candidate) else {
            continue;
        };
        let longer = word.len().max(letters.len());
        let limit = (longer / 3).max(2).min(longer / 2);
        let edits = distance(&word, &letters);
        if edits <= limit && best.is_none_or(|(fewest, _)| edits < fewest) {
            best = Some((edits, candidate));
        }
    }
    best
}

/// The nearest of the known words, if it is all but equal: at most 2 edits away.
pub fn close<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let near = nearest_with(word, known).filter(|(edits, _)| *edits <= 2);
    near.map(|(_, near)| near)
}

/// The help for a word that is not known: the nearest one, or all there are.
pub fn help(word: &str, known: &[&str], plural: &str) -> String {
    match nearest(word, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known {plural}: {}", known.join(", ")),
    }
}

/// The most words that a help line lists; nobody reads more.
const LISTED: usize = 40;

/// As [`help`], but always with every known word: for lists so short that they explain the key.
/// Only agents are so many that a command lists them instead.
pub fn help_with_all(word: &str, known: &[&str]) -> String {
    let all = all(known);
    match nearest(word, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`? {all}"),
        None => all,
    }
}

/// Every known word, or the command that lists them.
pub fn all(known: &[&str]) -> String {
    if known.len() <= LISTED {
        format!("known: {}", known.join(", "))
    } else {
        "`restore-images agents` lists all that are known".to_owned()
    }
}

/// Words of which one is meant: `` `a`, `b` or `c` ``.
pub fn either(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => words.concat(),
    }
}

/// The help for a list whose entries are mappings of one of these keys.
pub fn help_with_entries(keys: &[&str]) -> String {
    let entry = |key: &&str| format!("`- {key}: {{}}`");
    let entries: Vec<String> = keys.iter().map(entry).collect();
    match entries.split_last() {
        Some((last, rest)) if !rest.is_empty() => {
            format!("write {} or {last}", rest.join(", "))
        }
        _ => format!("write {}", entries.concat()),
    }
}

fn lower(word: &str) -> Option<Vec<char>> {
    if word.len() > 4 * MAX_LENGTH {
        return None;
    }
    let letters: Vec<char> = word.chars().map(|c| c.to_ascii_lowercase()).collect();
    (!letters.is_empty() && letters.len() <= MAX_LENGTH).then_some(letters)
}

/// Letters inserted, removed, replaced, or swapped with their neighbour (optimal string alignment).
fn distance(a: &[char], b: &[char]) -> usize {
    let mut above_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (row, &letter) in a.iter().enumerate() {
        let mut current = Vec::with_capacity(b.len() + 1);
        current.push(row + 1);
        for (column, &other) in b.iter().enumerate() {
            let replaced = last[column] + usize::from(letter != other);
            let mut edits = replaced.min(last[column + 1] + 1).min(current[column] + 1);
            if row > 0 && column > 0 && letter == b[column - 1] && a[row - 1] == other {
                edits = edits.min(above_last[column - 1] + 1);
            }
            current.push(edits);
        }
        above_last = std::mem::replace(&mut last, current);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(word: &str, expected: Option<&str>) {
        let known = [
            "agents",
            "imagePullPolicy",
            "mode",
            "tag",
            "title",
            "always",
        ];
        assert_eq!(nearest(word, known), expected, "{word}");
    }

    #[test]
    fn the_nearest_word_is_suggested_and_no_far_one() {
        check("agent", Some("agents"));
        check("mdoe", Some("mode"));
        check("Mode", Some("mode"));
        check("tga", Some("tag"));
        check("imagePolicy", Some("imagePullPolicy"));
        check("image-pull-policy", Some("imagePullPolicy"));
        check("pin", None);
        check("t", None);
        check("registries", None);
        check("", None);
        check(&"agents".repeat(1_000_000), None);
    }

    #[test]
    fn edits_are_counted() {
        let count = |a: &str, b: &str| {
            let letters = |text: &str| text.chars().collect::<Vec<char>>();
            distance(&letters(a), &letters(b))
        };
        for (a, b, expected) in [
            ("", "abc", 3),
            ("abc", "", 3),
            ("abc", "abc", 0),
            ("abc", "acb", 1),
            ("kitten", "sitting", 3),
            ("ca", "abc", 3),
        ] {
            assert_eq!(count(a, b), expected, "{a} {b}");
        }
    }
}
