//! A pull policy that several images of one resource share: it stays as written where the images need
//! different ones.

use std::collections::HashMap;

use crate::decide::pull_policy;
use crate::decide::steps::Steps;
use crate::finding::{Aspect, Rule};
use crate::krm::resource::Resource;
use crate::mask;
use crate::slot::Slot;
use crate::yaml::{Error, Segment};

use super::draft::{Drafts, named};
use super::fields::policy_change;
use super::verdict::FieldVerdict;

/// A place of a pull policy.
type PolicyPlace<'n> = (usize, Segment<'n>);

/// The pull policies that images want otherwise than each other, each with what is wanted, and by which image.
pub(super) struct ContestedPolicies<'v, 'n>(HashMap<PolicyPlace<'n>, Vec<(&'static str, &'v str)>>);

impl<'v, 'n> ContestedPolicies<'v, 'n> {
    pub(super) fn of<'s>(verdicts: &'v [Vec<FieldVerdict<'_, '_, 'n, 's>>]) -> Self {
        // Most resources hold one image at most whose policy is known.
        let mut policies = verdicts.iter().flatten().filter_map(wish);
        let first = policies.next();
        if policies.all(|policy| Some(policy) == first) {
            return ContestedPolicies(HashMap::new());
        }
        let mut wanted: HashMap<PolicyPlace<'n>, Vec<(&'static str, &str)>> = HashMap::new();
        for verdict in verdicts.iter().flatten() {
            if let (Some(slot), Some(policy)) = (&verdict.field.policy_slot, wish(verdict)) {
                let image = verdict.field.image.as_deref().unwrap_or_default();
                let of_place = wanted.entry(place(slot)).or_default();
                of_place.push((policy, image));
            }
        }
        wanted.retain(|_, all| all.iter().any(|(policy, _)| *policy != all[0].0));
        ContestedPolicies(wanted)
    }

    /// Reports a pull policy that is wrong and stays for the sake of another image; returns whether it is
    /// one.
    pub(super) fn report(
        &self,
        resource: &Resource<'n, '_>,
        verdict: &FieldVerdict<'_, '_, 'n, '_>,
        drafts: &mut Drafts,
    ) -> Result<bool, Error> {
        let Some(slot) = verdict.field.policy_slot.as_ref() else {
            return Ok(false);
        };
        let Some(wanted) = self.0.get(&place(slot)) else {
            return Ok(false);
        };
        let Some(own) = wish(verdict).filter(|_| verdict.policy.is_some()) else {
            return Ok(false);
        };
        let mut others = wanted.iter().filter(|(policy, _)| *policy != own);
        let other = others.next().map_or("", |(_, image)| image);
        let other = mask::image(other);
        let change = policy_change(verdict);
        let message = format!(
            "pull policy {change} is not written: it is the pull policy of {other}, too, which should be \
             otherwise: let both want the same, by `imagePullPolicy` of their agents"
        );
        let node = match slot.node()? {
            Some(node) => node,
            None => verdict.field.notation.main().node()?.unwrap_or(slot.holder),
        };
        drafts
            .add(Rule::UnresolvedImage, named(verdict.field, &[&message]))
            .allow([Aspect::ImagePullPolicy])
            .agent(verdict.agent())
            .field(slot.text_below(&resource.path), None, None)
            .at(node);
        Ok(true)
    }
}

/// The pull policy that an image should have, right or not, where one is asked for and no exception allows
/// another.
fn wish(verdict: &FieldVerdict<'_, '_, '_, '_>) -> Option<&'static str> {
    let claim = verdict.claim.as_ref()?;
    let is_allowed = verdict.in_force.allowing(Aspect::ImagePullPolicy).is_some();
    let wish = pull_policy(claim, None, &mut Steps::unasked());
    wish.filter(|_| !is_allowed)
}

fn place<'n>(slot: &Slot<'n, '_>) -> PolicyPlace<'n> {
    (slot.holder.target().span.start, slot.at)
}
