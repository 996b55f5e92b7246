//! Images as the lists that go over them make them.

use crate::config::Config;
use crate::decide::provenance::{Provenance, of_agents};
use crate::image::Reference;
use crate::image::entry::version_at;
use crate::tree::images::{Hit, TreeLists, Unclear};
use crate::tree::value::Scalar;

/// What may change an image with a digest of another algorithm.
pub(in crate::tree) const NEWER: &str = "an entry of images, which matches a digest that is not SHA-256 in versions of kustomize after 5.8.1 alone,";

/// Runs an image through the lists that go over it.
pub(super) fn run<'n, 's>(config: &Config, lists: &TreeLists<'n, 's>, scalar: &mut Scalar<'n, 's>) {
    if let Some(trace) = &mut scalar.trace {
        if lists.leave(&scalar.text, &trace.lists) {
            let is_met_newly = || !lists.met_newly(&scalar.text, &trace.lists).is_empty();
            if trace.unknown.is_none() && is_met_newly() {
                trace.unknown = Some(NEWER.into());
            }
            (trace.is_met, trace.filled_in) = (false, None);
            trace.origin = Some(scalar.text.clone().into_owned());
            return;
        }
        let (image, hits) = lists.run_as_written(&scalar.text, &trace.lists);
        let says = |hit: &Hit| &lists.entries[hit.entry].fields;
        let is_filled_in = |hit: &Hit| says(hit).has_template_for_version();
        let (image, version) = if hits.iter().any(is_filled_in) {
            image.split_at(version_at(&image))
        } else {
            (&*image, "")
        };
        trace.is_met = !hits.is_empty();
        trace.filled_in = Some(version.to_owned()).filter(|text| !text.is_empty());
        let image = image.to_owned();
        let mut hits = hits.into_iter();
        let unclear = hits.find_map(|hit| lists.entries[hit.entry].unclear.as_ref());
        let version = Unclear::Template;
        let is_judged = trace.filled_in.is_some() && has_policy(config, &image);
        let unclear = unclear.or(Some(&version).filter(|_| is_judged));
        let unclear = unclear.map(Unclear::what);
        let is_met_newly = [&scalar.text, &*image]
            .iter()
            .any(|image| !lists.met_newly(image, &trace.lists).is_empty());
        let unclear = unclear.or_else(|| is_met_newly.then(|| NEWER.into()));
        trace.unknown = trace.unknown.take().or(unclear);
        let before = std::mem::replace(&mut scalar.text, image.into());
        trace.origin = Some(before.into_owned());
    }
}

/// Whether a profile says which version of an image is right, so that one that is filled in elsewhere is
/// not known to be.
fn has_policy(config: &Config, image: &str) -> bool {
    let Ok(reference) = Reference::parse(image) else {
        return true;
    };
    let officials = match of_agents(config, &reference.repository()) {
        Provenance::Known(official) => vec![official],
        Provenance::Unclear(officials) => officials,
    };
    let images = config.agents.iter().flat_map(|agent| &agent.images);
    let mut judged = images.filter(|image| image.tag_policy.names_a_version());
    judged.any(|image| {
        let mut names = image.names();
        names.any(|name| officials.contains(&name.repository))
    })
}
