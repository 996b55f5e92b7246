//! Finds the agent that a word other than its name means: a vendor, part of an image's name, an abbreviation,
//! or a misspelling.

use super::Agent;
use crate::{mask, quote, suggest};

/// More agents than this are no suggestion.
const MOST_SUGGESTED: usize = 5;
/// Shorter beginnings of words fit too much.
const SHORTEST_BEGINNING: usize = 3;
/// Longer words are no abbreviations.
const LONGEST_ABBREVIATION: usize = 5;
/// Characters of a word that a help repeats.
const LONGEST: usize = 60;

/// All agents of a vendor: those whose name or title the word is, or begins with it as a word.
pub fn of_vendor<'a>(word: &str, agents: &[&'a Agent]) -> Vec<&'a Agent> {
    let joined = words(word).concat();
    let is_vendor = |text: &str| {
        let words = words(text);
        words.first() == Some(&joined) || words.concat() == joined
    };
    chosen(agents, |agent| {
        !joined.is_empty() && texts(agent).any(is_vendor)
    })
}

/// The agents in whose names or titles a word is.
pub fn called_by<'a>(word: &str, agents: &[&'a Agent]) -> Vec<&'a Agent> {
    let wanted = words(word);
    chosen(agents, |agent| {
        let known: Vec<String> = texts(agent).flat_map(words).collect();
        !wanted.is_empty() && wanted.iter().all(|word| known.contains(word))
    })
}

/// The agents that a word names in part: as their vendor's name, as words of their names, titles and
/// images, as more than their name, or as the beginnings of words; the first of these ways that finds
/// any.
pub fn named_by<'a>(word: &str, agents: &[&'a Agent]) -> Vec<&'a Agent> {
    let wanted = words(word);
    if wanted.is_empty() {
        return Vec::new();
    }
    let of_agent = |agent: &Agent| -> Vec<String> { texts(agent).flat_map(words).collect() };
    let has_all = |known: &[String]| wanted.iter().all(|word| known.contains(word));
    let is_among = |agent: &Agent| {
        let mut images = agent.images.iter();
        has_all(&of_agent(agent))
            || images.any(|image| has_all(&words(&image.official.repository.name())))
    };
    let is_more_than_name =
        |agent: &Agent| words(&agent.name).iter().all(|word| wanted.contains(word));
    let begins_all = |agent: &Agent| {
        let known = of_agent(agent);
        wanted.iter().all(|word| {
            word.len() >= SHORTEST_BEGINNING && known.iter().any(|known| known.starts_with(word))
        })
    };
    let ways: [&dyn Fn(&Agent) -> bool; 4] = [
        &|agent| !of_vendor(word, &[agent]).is_empty(),
        &is_among,
        &is_more_than_name,
        &begins_all,
    ];
    let mut found = ways.iter().map(|way| chosen(agents, way));
    found.find(|found| !found.is_empty()).unwrap_or_default()
}

/// The agents whose name, or whose vendor's, the word nearly is.
pub fn near<'a>(word: &str, agents: &[&'a Agent]) -> Vec<&'a Agent> {
    let names = agents.iter().map(|agent| &*agent.name);
    if let Some(name) = suggest::nearest(word, names) {
        return chosen(agents, |agent| &*agent.name == name);
    }
    let vendor = |agent: &Agent| words(&agent.name).into_iter().next().unwrap_or_default();
    let vendors: Vec<String> = agents.iter().map(|agent| vendor(agent)).collect();
    let nearest = suggest::nearest(word, vendors.iter().map(String::as_str));
    chosen(agents, |agent| nearest == Some(&*vendor(agent)))
}

/// The agents that a short word may stand for: by the first letters of a title's words, or by letters
/// of a name in their order, of which the first is the name's.
fn shortened<'a>(word: &str, agents: &[&'a Agent]) -> Vec<&'a Agent> {
    let short = words(word).concat();
    if !(2..=LONGEST_ABBREVIATION).contains(&short.len()) {
        return Vec::new();
    }
    let by_initials = chosen(agents, |agent| {
        texts(agent).any(|text| {
            let initials: String = words(text)
                .iter()
                .filter_map(|word| word.chars().next())
                .collect();
            initials == short
        })
    });
    if !by_initials.is_empty() {
        return by_initials;
    }
    chosen(agents, |agent| {
        let mut letters = agent.name.chars();
        let starts_alike = agent.name.chars().next() == short.chars().next();
        starts_alike
            && short
                .chars()
                .all(|letter| letters.any(|other| other == letter))
    })
}

/// The help for a word that is no agent's name: those that may be meant, and where all are listed.
pub fn help(word: &str, agents: &[&Agent]) -> String {
    help_with(suggestion(word, agents), agents)
}

/// As [`help`], for several words.
pub fn help_for_all(words: &[&str], agents: &[&Agent]) -> String {
    let found = words.iter().filter_map(|word| {
        let meant = suggestion(word, agents)?;
        Some(format!(
            "{meant} for `{}`",
            quote::short(&mask::word(word), LONGEST)
        ))
    });
    let found: Vec<String> = found.collect();
    let meant = (!found.is_empty()).then(|| found.join(", "));
    help_with(meant, agents)
}

fn help_with(meant: Option<String>, agents: &[&Agent]) -> String {
    let known: Vec<&str> = agents.iter().map(|agent| &*agent.name).collect();
    let all = suggest::all(&known);
    match meant {
        Some(meant) => format!("did you mean {meant}? {all}"),
        None => all,
    }
}

/// The agents that a word that is none's name may stand for.
fn suggestion(word: &str, agents: &[&Agent]) -> Option<String> {
    let ways = [named_by, near, shortened];
    let mut found = ways.iter().map(|way| way(word, agents));
    let found = found.find(|found| (1..=MOST_SUGGESTED).contains(&found.len()))?;
    let names: Vec<&str> = found.iter().map(|agent| &*agent.name).collect();
    Some(suggest::either(&names))
}

fn chosen<'a>(agents: &[&'a Agent], is_one: impl Fn(&Agent) -> bool) -> Vec<&'a Agent> {
    let agents = agents.iter().copied();
    agents.filter(|agent| is_one(agent)).collect()
}

/// What an agent is called: its name, and its title.
fn texts(agent: &Agent) -> impl Iterator<Item = &str> {
    std::iter::once(&*agent.name).chain(agent.title.as_deref())
}

/// The words of a text in small letters: what is between blanks, hyphens and other signs.
fn words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric());
    let words = words.filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}
