//! One shape for what every reader gives, and the first place where two of them differ.

use std::fmt;

use super::tool::Written;

/// What a scalar is to whoever reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    Null,
    Bool,
    Number,
    Text,
    /// The key `<<` that takes over another mapping's pairs.
    Merge,
    /// Neither text nor anything else that is known.
    Unknown,
}

/// A value as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tree {
    /// The number of its anchor in the document, from 1.
    pub(crate) anchor: Option<usize>,
    pub(crate) value: Value,
}

/// What the value is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Scalar(Class, String),
    Mapping(Vec<(Tree, Tree)>),
    Sequence(Vec<Tree>),
    /// The number of the anchor that it names.
    Alias(usize),
}

impl Value {
    /// A scalar; of what is null, no text counts.
    pub(crate) fn scalar(class: Class, text: &str) -> Self {
        let text = if class == Class::Null { "" } else { text };
        Value::Scalar(class, text.to_owned())
    }
}

impl Tree {
    pub(crate) fn is_null(&self) -> bool {
        matches!(self.value, Value::Scalar(Class::Null, _))
    }

    /// A value of a mapping by its key.
    pub(crate) fn get(&self, wanted: &str) -> Option<&Tree> {
        let Value::Mapping(pairs) = &self.value else {
            return None;
        };
        let is_wanted = |key: &Tree| matches!(&key.value, Value::Scalar(_, text) if text == wanted);
        let pair = pairs.iter().find(|(key, _)| is_wanted(key));
        pair.map(|(_, value)| value)
    }
}

/// go-yaml's documents, without those that hold nothing: no reader makes a resource of them.
pub(crate) fn theirs(documents: &[Written]) -> Vec<Tree> {
    let trees = documents.iter().map(|root| tree(root, false));
    trees.filter(|tree| !tree.is_null()).collect()
}

fn tree(from: &Written, is_key: bool) -> Tree {
    let value = match from.kind.as_str() {
        "mapping" => {
            let pairs = from.pairs.chunks(2);
            Value::Mapping(
                pairs
                    .map(|pair| (tree(&pair[0], true), tree(&pair[1], false)))
                    .collect(),
            )
        }
        "sequence" => Value::Sequence(from.items.iter().map(|item| tree(item, false)).collect()),
        "alias" => Value::Alias(from.alias),
        _ => Value::scalar(class(from, is_key), &from.text),
    };
    Tree {
        anchor: (from.anchor > 0).then_some(from.anchor),
        value,
    }
}

fn class(scalar: &Written, is_key: bool) -> Class {
    match scalar.tag.as_str() {
        "!!null" => Class::Null,
        "!!bool" => Class::Bool,
        "!!int" | "!!float" => Class::Number,
        "!!merge" if is_key && scalar.text == "<<" => Class::Merge,
        // As bytes, which no field of ours is.
        "!!binary" => Class::Unknown,
        // A date is text in JSON, and so is what a tag of somebody's own stands before.
        _ => Class::Text,
    }
}

/// The first place where two readings differ: what each gives there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Apart {
    pub(crate) path: String,
    pub(crate) theirs: String,
    pub(crate) ours: String,
}

impl fmt::Display for Apart {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = if self.path.is_empty() {
            "."
        } else {
            &self.path
        };
        write!(to, "{path}: go-yaml {}, ours {}", self.theirs, self.ours)
    }
}

/// Compares two readings of one text, document by document.
pub(crate) fn compare(theirs: &[Tree], ours: &[Tree]) -> Result<(), Apart> {
    if theirs.len() != ours.len() {
        let count = |trees: &[Tree]| match trees.len() {
            1 => "1 document".to_owned(),
            count => format!("{count} documents"),
        };
        return Err(apart("", count(theirs), count(ours)));
    }
    for (theirs, ours) in theirs.iter().zip(ours) {
        compare_trees("", theirs, ours)?;
    }
    Ok(())
}

fn compare_trees(path: &str, theirs: &Tree, ours: &Tree) -> Result<(), Apart> {
    match (&theirs.value, &ours.value) {
        (Value::Mapping(left), Value::Mapping(right)) if left.len() == right.len() => {
            for ((key, value), (our_key, our_value)) in left.iter().zip(right) {
                let path = format!("{path}.{}", word(key));
                compare_trees(&path, key, our_key)?;
                compare_trees(&path, value, our_value)?;
            }
        }
        (Value::Sequence(left), Value::Sequence(right)) if left.len() == right.len() => {
            for (index, (item, our_item)) in left.iter().zip(right).enumerate() {
                compare_trees(&format!("{path}[{index}]"), item, our_item)?;
            }
        }
        (left, right) if left == right => {}
        _ => return Err(apart(path, word(theirs), word(ours))),
    }
    if theirs.anchor == ours.anchor {
        return Ok(());
    }
    let anchor = |tree: &Tree| format!("anchor {:?}", tree.anchor);
    Err(apart(path, anchor(theirs), anchor(ours)))
}

pub(crate) fn apart(path: &str, theirs: String, ours: String) -> Apart {
    Apart {
        path: path.to_owned(),
        theirs,
        ours,
    }
}

/// A value in a few words.
fn word(tree: &Tree) -> String {
    match &tree.value {
        Value::Scalar(class, text) => format!("{class:?} {text:?}"),
        Value::Mapping(pairs) => format!("a mapping of {}", pairs.len()),
        Value::Sequence(items) => format!("a list of {}", items.len()),
        Value::Alias(anchor) => format!("alias {anchor}"),
    }
}
