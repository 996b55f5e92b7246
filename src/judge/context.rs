//! What resources are judged by.

use crate::config::{Config, Date};
use crate::krm::item_config::ItemConfig;

use super::instances::Instances;
use super::places::TextOrigin;

/// What the caller wants besides edits and findings.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wants {
    /// Whether a field that somebody else writes is left alone, with a warning.
    pub leave_managed: bool,
    /// Whether findings bring the edits that restore them.
    pub fixes: bool,
    /// Whether every image field is listed.
    pub images: bool,
}

/// What a resource is judged by.
#[derive(Clone, Copy)]
pub struct JudgeContext<'c, 'g> {
    /// The configuration.
    pub config: &'c Config,
    /// The day that exceptions are judged by.
    pub today: Date,
    /// ServiceAccounts, sources of charts and versions among the items.
    pub gathered: &'c ItemConfig<'g>,
    /// Agents by instance, as far as they are known.
    pub instances: &'c Instances,
    /// Where what is judged is written.
    pub written: TextOrigin<'c>,
    /// Position of the unit among the items or documents.
    pub ordinal: usize,
    /// What else is wanted.
    pub wants: Wants,
    /// Whether the names of images are wanted.
    pub names: bool,
    /// Whether there are anchors, by which values may be shared, so that those that stay are noted too.
    pub has_anchors: bool,
    /// Whether it is a text of a ConfigMap, of which a program makes a new object each time.
    pub in_text: bool,
}

impl<'c, 'g> JudgeContext<'c, 'g> {
    /// For the first unit of a text of which nothing else is known or wanted; whoever knows more says so in
    /// the fields.
    pub(crate) fn new(
        config: &'c Config,
        today: Date,
        gathered: &'c ItemConfig<'g>,
        instances: &'c Instances,
        wants: Wants,
    ) -> Self {
        JudgeContext {
            config,
            today,
            gathered,
            instances,
            wants,
            written: TextOrigin::Here(None),
            ordinal: 0,
            names: false,
            has_anchors: false,
            in_text: false,
        }
    }
}
