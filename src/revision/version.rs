//! Kubernetes versions: a cluster's, and those of the versions document.

use std::fmt;

/// A cluster's Kubernetes version, without its patch number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KubernetesVersion {
    /// 1 of 1.27.
    pub major: u32,
    /// 27 of 1.27.
    pub minor: u32,
}

impl KubernetesVersion {
    /// Reads `1.27`, and `1.27+`, `v1.27.3-gke.100` and the like as API servers write them.
    ///
    /// Tentacle strips every non-digit from the API server's major and minor, which reads `27-rc1`
    /// as 271; `None` here, as for whatever is no version.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.strip_prefix(['v', 'V']).unwrap_or(text).split('.');
        let (major, minor) = (parts.next()?, parts.next()?);
        let end = minor.find(|c: char| !c.is_ascii_digit());
        let (minor, suffix) = minor.split_at(end.unwrap_or(minor.len()));
        if suffix.contains(|c: char| c.is_ascii_digit()) {
            return None;
        }
        Some(KubernetesVersion {
            major: number(major)?,
            minor: number(minor)?,
        })
    }

    /// Reads a version of the versions document, `1.36.0` or `1.36`: 2 to 4 numbers, as .NET's
    /// `Version` has them.
    pub(super) fn of_release(text: &str) -> Option<Self> {
        let mut numbers = text.split('.').map(number);
        let version = KubernetesVersion {
            major: numbers.next()??,
            minor: numbers.next()??,
        };
        let mut count = 2;
        for number in numbers {
            number?;
            count += 1;
        }
        (count <= 4).then_some(version)
    }
}

/// Prints `1.27`.
impl fmt::Display for KubernetesVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

fn number(digits: &str) -> Option<u32> {
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| is_number)
}
