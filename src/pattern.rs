//! Regular expressions that lists of images and kustomizations hold, each compiled once.

use std::cell::RefCell;
use std::collections::HashMap;

use regex::{Regex, RegexBuilder};

/// Bytes that a compiled expression may take.
const MOST: usize = 1 << 20;

thread_local!(static COMPILED: RefCell<HashMap<String, Option<Regex>>> = RefCell::default());

/// Whether an expression matches a text; `None` where it is none, or too large.
pub(crate) fn is_match(pattern: &str, text: &str) -> Option<bool> {
    COMPILED.with_borrow_mut(|known| {
        if !known.contains_key(pattern) {
            let compiled = RegexBuilder::new(pattern).size_limit(MOST).build();
            known.insert(pattern.to_owned(), compiled.ok());
        }
        let regex = known.get(pattern)?.as_ref()?;
        Some(regex.is_match(text))
    })
}
