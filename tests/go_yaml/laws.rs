//! What must hold between go-yaml and us for every text that both take.

use serde_json::Value as Json;

use super::ours::{self, quoted};
use super::tool::{Answer, GoYaml};
use super::tree::{Apart, Class, Tree, Value, apart, compare, theirs};

/// Whose reading ours is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Law {
    /// The tree of values of go-yaml's decoder.
    Stream,
    /// The tree of values of kustomize's and kpt's reader.
    Kyaml,
    /// The JSON of kubectl's and Argo CD's decoder.
    Kubectl,
    /// What the program finds in the text, and in kustomize's reading of it written as JSON.
    Findings,
    /// Which resources kustomize reads in the program's output, and in the text.
    Output,
}

/// A text that go-yaml reads one way and we another.
#[derive(Debug)]
pub(crate) struct Difference {
    pub(crate) law: Law,
    pub(crate) apart: Apart,
}

/// What came of one text.
pub(crate) enum Held {
    /// Read alike by everybody who reads it; or the laws that do not hold.
    Read(Vec<Difference>),
    /// We refuse, with the reason, and a reader of theirs does not.
    Refused(String),
    /// We read it, and none of theirs does.
    Alone,
    /// Nobody reads it.
    Broken,
    /// Too deep to be compared.
    Skipped,
}

/// Holds every law on one text.
pub(crate) fn hold(text: &str, go_yaml: &mut GoYaml) -> Held {
    let Some(answer) = go_yaml.read(text) else {
        return Held::Skipped;
    };
    let is_taken = answer.stream.read().is_ok()
        || answer.kyaml.read().is_ok()
        || answer.kubectl.read().is_ok();
    let documents = ours::documents(text);
    let mut found = match &documents {
        Ok(documents) => differences(documents, &answer),
        Err(_) => Vec::new(),
    };
    // The fast way may take a text that the reader refuses, so it is asked in any case.
    found.extend(program(text, &documents, &answer, go_yaml));
    match (documents, is_taken) {
        _ if !found.is_empty() => Held::Read(found),
        (Err(reason), true) => Held::Refused(reason),
        (Err(_), false) => Held::Broken,
        (Ok(_), true) => Held::Read(found),
        (Ok(_), false) => Held::Alone,
    }
}

/// The differences between the readings of a text.
pub(crate) fn read(text: &str, go_yaml: &mut GoYaml) -> Vec<Difference> {
    match (ours::documents(text), go_yaml.read(text)) {
        (Ok(documents), Some(answer)) => differences(&documents, &answer),
        _ => Vec::new(),
    }
}

/// The differences between what is made of the readings.
pub(crate) fn judged(text: &str, go_yaml: &mut GoYaml) -> Vec<Difference> {
    match go_yaml.read(text) {
        Some(answer) => program(text, &ours::documents(text), &answer, go_yaml),
        None => Vec::new(),
    }
}

fn differences(documents: &[ours::Document], answer: &Answer) -> Vec<Difference> {
    let ours: Vec<Tree> = documents
        .iter()
        .map(|document| document.tree.clone())
        .collect();
    let of = |law, result: Result<(), Apart>| result.err().map(|apart| Difference { law, apart });
    let against = |law, view: Result<&[_], &str>| {
        let trees = theirs(view.ok()?);
        of(law, compare(&trees, &ours))
    };
    let json: Option<Vec<&Json>> = documents
        .iter()
        .map(|document| document.json.as_ref())
        .collect();
    let kubectl = answer.kubectl.read().ok().zip(json);
    let kubectl = kubectl.and_then(|(theirs, ours)| of(Law::Kubectl, compare_json(theirs, &ours)));
    [
        against(Law::Stream, answer.stream.read()),
        against(Law::Kyaml, answer.kyaml.read()),
        kubectl,
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn compare_json(theirs: &[Json], ours: &[&Json]) -> Result<(), Apart> {
    if theirs.len() != ours.len() {
        let count = |count: usize| format!("{count} documents");
        return Err(apart("", count(theirs.len()), count(ours.len())));
    }
    let mut pairs = theirs.iter().zip(ours);
    pairs.try_for_each(|(theirs, ours)| compare_values("", theirs, ours))
}

fn compare_values(path: &str, theirs: &Json, ours: &Json) -> Result<(), Apart> {
    match (theirs, ours) {
        (Json::Object(left), Json::Object(right)) if left.len() == right.len() => {
            for (key, value) in left {
                let path = format!("{path}.{key}");
                match right.get(key) {
                    Some(our_value) => compare_values(&path, value, our_value)?,
                    None => return Err(apart(&path, value.to_string(), "nothing".to_owned())),
                }
            }
            Ok(())
        }
        (Json::Array(left), Json::Array(right)) if left.len() == right.len() => {
            for (index, (item, our_item)) in left.iter().zip(right).enumerate() {
                compare_values(&format!("{path}[{index}]"), item, our_item)?;
            }
            Ok(())
        }
        (Json::Number(_), Json::Number(_)) => Ok(()),
        _ if theirs == ours => Ok(()),
        _ => Err(apart(path, theirs.to_string(), ours.to_string())),
    }
}

/// What the program itself makes of a text that holds an image: where the readings differ, that is
/// said already.
fn program(
    text: &str,
    documents: &Result<Vec<ours::Document>, String>,
    answer: &Answer,
    go_yaml: &mut GoYaml,
) -> Vec<Difference> {
    /// What is larger passes through the program in tests/corpus.rs.
    const LARGE: usize = 50_000;
    let mut found = Vec::new();
    let may_hold_image = text.contains("image") || text.contains("collector");
    let Some(trees) = answer.kyaml.read().ok().map(theirs) else {
        return found;
    };
    let is_same = documents.as_ref().is_ok_and(|documents| {
        let ours: Vec<Tree> = documents.iter().map(|of| of.tree.clone()).collect();
        compare(&trees, &ours).is_ok()
    });
    if !may_hold_image || text.len() > LARGE || (documents.is_ok() && !is_same) {
        return found;
    }
    let Ok(judged) = ours::judged(text) else {
        return found;
    };
    if let Some(plain) = written(&trees) {
        let sorted = |mut findings: Vec<String>| {
            findings.sort();
            findings
        };
        let theirs = match ours::judged(&plain) {
            Ok(theirs) => sorted(theirs.findings),
            Err(error) => vec![format!("refused: {error}")],
        };
        let ours = sorted(judged.findings);
        if theirs != ours {
            let apart = apart("", format!("{theirs:?}"), format!("{ours:?}"));
            found.push(Difference {
                law: Law::Findings,
                apart,
            });
        }
    }
    if judged.output != text {
        let after = go_yaml.read(&judged.output);
        let after = after.as_ref().map(|answer| answer.kyaml.read().map(theirs));
        let before = names(&trees);
        let after = match after {
            Some(Ok(trees)) => names(&trees),
            Some(Err(error)) => format!("refused: {error}"),
            None => before.clone(),
        };
        if before != after {
            found.push(Difference {
                law: Law::Output,
                apart: apart("", before, after),
            });
        }
    }
    found
}

/// Which resources a stream or ResourceList holds.
fn names(trees: &[Tree]) -> String {
    let word = |tree: Option<&Tree>| match tree.map(|tree| &tree.value) {
        Some(Value::Scalar(_, text)) => text.clone(),
        Some(_) => "?".to_owned(),
        None => "-".to_owned(),
    };
    let items = trees.iter().flat_map(|tree| {
        match tree.get("items").map(|items| &items.value) {
            Some(Value::Sequence(items)) => items.iter().collect(),
            // The output of a list without items, or with null, has a list of none.
            None | Some(Value::Scalar(..)) if word(tree.get("kind")) == "ResourceList" => {
                Vec::new()
            }
            _ => vec![tree],
        }
    });
    let name = |tree: &Tree| {
        let name = tree
            .get("metadata")
            .and_then(|metadata| metadata.get("name"));
        format!("{} {}", word(tree.get("kind")), word(name))
    };
    let names: Vec<String> = items.map(name).collect();
    names.join(", ")
}

/// The documents in the style of JSON, in which no reader finds anything to part over, with their
/// anchors and aliases; `None` where a key is no scalar, or a scalar is like none that we know.
fn written(trees: &[Tree]) -> Option<String> {
    let mut text = String::new();
    for tree in trees {
        text.push_str("---\n");
        write(tree, &mut text)?;
        text.push('\n');
    }
    Some(text)
}

fn write(tree: &Tree, to: &mut String) -> Option<()> {
    if let Some(number) = tree.anchor {
        to.push_str(&format!("&a{number} "));
    }
    let is_word = |text: &str| {
        let mut bytes = text.bytes();
        bytes.all(|byte| byte.is_ascii_alphanumeric() || b"+-._".contains(&byte))
    };
    match &tree.value {
        Value::Scalar(Class::Text, text) => to.push_str(&quoted(text)),
        Value::Scalar(Class::Merge, _) => to.push_str("<<"),
        Value::Scalar(Class::Null, _) => to.push_str("null"),
        Value::Scalar(Class::Bool | Class::Number, text) if is_word(text) => to.push_str(text),
        Value::Scalar(Class::Unknown, text) => to.push_str(&format!("!!binary {}", quoted(text))),
        Value::Scalar(..) => return None,
        Value::Alias(number) => to.push_str(&format!("*a{number} ")),
        Value::Mapping(pairs) => {
            to.push('{');
            for (index, (key, value)) in pairs.iter().enumerate() {
                if !matches!(key.value, Value::Scalar(..)) {
                    return None;
                }
                to.push_str(if index > 0 { ", " } else { "" });
                write(key, to)?;
                to.push_str(": ");
                write(value, to)?;
            }
            to.push('}');
        }
        Value::Sequence(items) => {
            to.push('[');
            for (index, item) in items.iter().enumerate() {
                to.push_str(if index > 0 { ", " } else { "" });
                write(item, to)?;
            }
            to.push(']');
        }
    }
    Some(())
}
