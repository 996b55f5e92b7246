//! The last step of a build before it is judged, made where the resources are, so that nothing of them is copied.

use crate::config::Config;
use crate::field::pod;
use crate::krm::resource::group;
use crate::tree::accounts::NameReferences;
use crate::tree::sources::Sources;
use crate::tree::target::BuiltResource;
use crate::tree::value::Inside;

use super::listed::run;

/// Runs the images of workloads through the lists that go over them, where nobody needs what they were before, and
/// notes of these workloads that nothing is left to be done to their texts.
pub(in crate::tree) fn finish<'n, 's>(
    config: &Config,
    sources: &Sources<'n, 's>,
    resources: &mut [BuiltResource<'n, 's>],
    inside: &mut [Inside],
) {
    let is_read_before = |inside: &Inside| inside.is_listed_later || inside.has_copies;
    if inside.iter().any(is_read_before) || !NameReferences::of(resources).are_as_written() {
        return;
    }
    for (resource, inside) in resources.iter_mut().zip(inside) {
        let value = &mut resource.value;
        let api_group = group(value.text_at(&["apiVersion"]));
        let is_workload = pod::keeps_images(api_group, value.text_at(&["kind"]));
        if is_workload && inside.is_traced && !sources.is_merging(value) {
            value.each_traced_mut(&mut |scalar| run(config, &sources.lists, scalar));
            inside.is_traced = false;
        }
    }
}
