//! What can differ about an image, in the words of the configuration's exceptions.

use schemars::JsonSchema;
use serde::Deserialize;

/// What an exception can allow to differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename = "aspect", rename_all = "camelCase")]
pub enum Aspect {
    /// The image's registry and path.
    Registry,
    /// Its tag.
    Tag,
    /// Its digest.
    Digest,
    /// Its pull policy.
    ImagePullPolicy,
    /// Its pod's pull secrets.
    ImagePullSecrets,
}

impl Aspect {
    const ALL: [Aspect; 5] = [
        Aspect::Registry,
        Aspect::Tag,
        Aspect::Digest,
        Aspect::ImagePullPolicy,
        Aspect::ImagePullSecrets,
    ];

    /// The aspects of the reference itself.
    pub const OF_IMAGE: &[Aspect] = &[Aspect::Registry, Aspect::Tag, Aspect::Digest];

    fn bit(self) -> u8 {
        1 << self as u8
    }

    /// The aspect as `allow` names it.
    pub fn as_str(self) -> &'static str {
        match self {
            Aspect::Registry => "registry",
            Aspect::Tag => "tag",
            Aspect::Digest => "digest",
            Aspect::ImagePullPolicy => "imagePullPolicy",
            Aspect::ImagePullSecrets => "imagePullSecrets",
        }
    }
}

/// Some aspects, in the order in which [`Aspect`] names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Aspects(u8);

impl Aspects {
    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The aspects.
    pub fn iter(self) -> impl Iterator<Item = Aspect> {
        let all = Aspect::ALL.into_iter();
        all.filter(move |aspect| self.0 & aspect.bit() != 0)
    }
}

impl FromIterator<Aspect> for Aspects {
    fn from_iter<I: IntoIterator<Item = Aspect>>(aspects: I) -> Self {
        let aspects = aspects.into_iter();
        Aspects(aspects.fold(0, |bits, aspect| bits | aspect.bit()))
    }
}
