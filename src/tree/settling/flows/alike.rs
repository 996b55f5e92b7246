//! Different spellings of the same image.

use crate::tree::images::KustomizeParts;
use crate::tree::rendered::Field;
use crate::tree::settling::Settling;

impl Settling<'_, '_, '_, '_> {
    /// What may come out in place of an image without a tag: `latest` is what runs then, and stays
    /// wherever the agent's tags move.
    pub(super) fn alike(&self, field: &Field<'_, '_>, wanted: &str) -> Option<String> {
        let parts = KustomizeParts::of(wanted);
        if !parts.tag.is_empty() || !parts.digest.is_empty() {
            return None;
        }
        let mut agents = field.findings.iter();
        let name = agents.find_map(|finding| finding.agent.as_deref())?;
        let mut agents = self.builds.setting.config.agents.iter();
        let agent = agents.find(|agent| &*agent.name == name)?;
        let is_moving = |tags: &&[String], tag: &str| tags.iter().any(|known| known == tag);
        let moving = agent
            .images
            .iter()
            .map(|image| image.tag_policy.moving_tags());
        let moving: Vec<&[String]> = moving.filter(|tags| is_moving(tags, "")).collect();
        let is_latest = !moving.is_empty() && moving.iter().all(|tags| is_moving(tags, "latest"));
        let tag = "latest";
        is_latest.then(|| KustomizeParts { tag, ..parts }.join())
    }
}
