//! How registries are spoken to: over TLS whose certificate is verified, unless a host is listed.

use crate::finding::{Finding, Rule};
use crate::generate::copies::ImageCopy;
use crate::generate::remark;

/// The hosts that are listed.
#[derive(Clone, Copy)]
pub(super) struct Hosts<'c> {
    /// Those without TLS.
    pub(super) plain_http: &'c [String],
    /// Those whose certificate is not checked.
    pub(super) insecure: &'c [String],
}

impl Hosts<'_> {
    /// Whether nothing proves that a host is who it says.
    pub(super) fn is_unverified(&self, host: &str) -> bool {
        let mut all = self.plain_http.iter().chain(self.insecure);
        all.any(|known| known == host)
    }

    /// Whether that holds for both registries of a copy.
    pub(super) fn are_unverified(&self, copy: &ImageCopy) -> bool {
        self.is_unverified(copy.official.domain()) && self.is_unverified(copy.mirror.domain())
    }

    /// Whether crane would verify every certificate that is not exempt, although it can only verify
    /// those of both registries or of neither; reports it if not.
    pub(super) fn are_alike(&self, copy: &ImageCopy, findings: &mut Vec<Finding>) -> bool {
        let (from, to) = (copy.official.domain(), copy.mirror.domain());
        let unlisted = match (self.is_unverified(from), self.is_unverified(to)) {
            (true, false) => to,
            (false, true) => from,
            _ => return true,
        };
        let message = format!(
            "{} is not copied to {}: crane's --insecure holds for both registries, and {unlisted} is \
             not listed: list it under `insecureRegistries` too, or use `tool: skopeo`",
            copy.official, copy.mirror
        );
        findings.push(remark(Rule::NotGenerated, None, message));
        false
    }
}
