//! What makes an input no ResourceList and no stream of resources.

use crate::error::{Error, Fault};
use crate::yaml::Node;

pub(super) fn check_item(item: &Node<'_>, index: usize) -> Result<(), Error> {
    if item.entries().is_some() {
        return Ok(());
    }
    Err(Error::Input(Fault::input(
        item.start(),
        format!("items[{index}] is {}, not a resource", item.describe()),
        Some("every item must be a mapping with apiVersion and kind"),
    )))
}

pub(super) fn not_a_resource(at: usize, found: &str) -> Error {
    Error::Input(Fault::input(
        at,
        format!("expected a ResourceList or a Kubernetes resource, found {found}"),
        Some("every document must be a mapping with apiVersion and kind"),
    ))
}

pub(super) fn empty(input: &str) -> Error {
    let what = if input.trim_start_matches('\u{feff}').trim().is_empty() {
        "the input is empty"
    } else {
        "the input holds no resource, only comments or markers"
    };
    Error::Input(Fault::input(
        0,
        what,
        Some("give a ResourceList or Kubernetes manifests; did the command before a pipe fail?"),
    ))
}
