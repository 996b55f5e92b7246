//! Paths of keys through values, and what becomes of them below a key of another chart.

use std::fmt;

/// A path of keys through values, written as Helm's `--set` writes it: `components.agent.image`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ValuePath(pub Vec<String>);

/// The key whose values every subchart sees.
const GLOBAL: &str = "global";

impl ValuePath {
    /// Reads a path; a dot that is part of a key is written `\.`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut keys = vec![String::new()];
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            let key = keys.last_mut()?;
            match c {
                '\\' => key.push(chars.next()?),
                '.' => keys.push(String::new()),
                '[' | ']' | '$' | '*' | '=' | ',' | ' ' => return None,
                _ => key.push(c),
            }
        }
        let is_path = keys.iter().all(|key| !key.is_empty());
        is_path.then_some(ValuePath(keys))
    }

    /// Reads a path as `--set` takes it, with indexes of lists in brackets: `pullSecrets[0].name`.
    pub fn parse_set(text: &str) -> Option<Self> {
        let plain = text.replace('[', ".").replace(']', "");
        ValuePath::parse(&plain)
    }

    /// Whether one of two paths leads to part of what the other one leads to.
    pub fn meets(&self, other: &ValuePath) -> bool {
        self.0.iter().zip(&other.0).all(|(one, other)| one == other)
    }

    /// Whether it leads nowhere.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The path in the values of a chart that has this path's chart below a key.
    #[must_use]
    pub fn below(&self, keys: &[String]) -> Self {
        if self.is_global() || self.is_empty() {
            return self.clone();
        }
        ValuePath(keys.iter().chain(&self.0).cloned().collect())
    }

    /// Where a value that all charts see is given to the chart below a key alone, which Helm reads where
    /// the chart around it has none.
    pub(super) fn own_global(&self, keys: &[String]) -> Option<Self> {
        let own = || ValuePath(keys.iter().chain(&self.0).cloned().collect());
        (self.is_global() && !keys.is_empty()).then(own)
    }

    /// Whether it is where such a value is given to one chart alone, which never sees it where the other
    /// path has a value, an empty one perhaps.
    pub fn is_own_of(&self, global: &ValuePath) -> bool {
        self.0.len() > global.0.len() && self.0.ends_with(&global.0)
    }

    /// Whether it leads to a value that all charts see.
    pub fn is_global(&self) -> bool {
        self.0.first().is_some_and(|first| first == GLOBAL)
    }
}

impl fmt::Display for ValuePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, key) in self.0.iter().enumerate() {
            if position > 0 {
                f.write_str(".")?;
            }
            f.write_str(&key.replace('.', "\\."))?;
        }
        Ok(())
    }
}
