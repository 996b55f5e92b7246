//! What registries keep: manifests, lists of them, and the configurations of images, as far as two
//! copies are compared by them (OCI image specification; Docker's schema 2 has the same keys).

use ring::digest::{Context, SHA256, SHA512};
use serde::Deserialize;

use super::moment::rfc_3339;

/// The media types of manifests that are asked for.
pub(super) const ACCEPTED: &str = "application/vnd.oci.image.index.v1+json, \
    application/vnd.oci.image.manifest.v1+json, \
    application/vnd.docker.distribution.manifest.list.v2+json, \
    application/vnd.docker.distribution.manifest.v2+json";

/// A manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Manifest {
    /// One image, with the digest of its configuration and those of its layers.
    Image { config: String, layers: Vec<String> },
    /// A list of images.
    List(Vec<IndexEntry>),
}

/// An entry of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct IndexEntry {
    pub(super) digest: String,
    /// The platform, `linux/arm64/v8`.
    pub(super) platform: String,
    pub(super) holds: Holds,
}

/// What an entry of a list leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    Image,
    /// A list within the list.
    List,
    /// What BuildKit attests of an image.
    Attestation,
}

/// What an image that is in no list is called, where its configuration does not say its platform.
pub(super) const WHOLE: &str = "the image";

impl IndexEntry {
    /// An image, or a list, that is in no list.
    pub(super) fn whole(digest: &str) -> Self {
        IndexEntry {
            digest: digest.to_owned(),
            platform: WHOLE.to_owned(),
            holds: Holds::Image,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    config: Option<Blob>,
    #[serde(default)]
    layers: Vec<Blob>,
    manifests: Option<Vec<WrittenEntry>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Blob {
    digest: String,
    #[serde(default)]
    media_type: String,
    #[serde(default)]
    urls: Vec<String>,
}

impl Blob {
    /// Whether registries need not hold it: layers of Windows that Microsoft alone may give out.
    fn is_elsewhere(&self) -> bool {
        let is = |word: &str| self.media_type.contains(word);
        !self.urls.is_empty() || is("foreign") || is("nondistributable")
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WrittenEntry {
    digest: String,
    #[serde(default)]
    media_type: String,
    platform: Option<Platform>,
}

#[derive(Deserialize)]
struct Platform {
    #[serde(default)]
    os: String,
    #[serde(default)]
    architecture: String,
    #[serde(default)]
    variant: String,
    #[serde(default, rename = "os.version")]
    os_version: String,
}

/// The words of platforms that are repeated to people: a registry may write anything there.
const SYSTEMS: [&str; 5] = ["linux", "windows", "darwin", "freebsd", "wasip1"];
const ARCHITECTURES: [&str; 14] = [
    "386", "amd64", "arm", "arm64", "loong64", "mips", "mips64", "mips64le", "mipsle", "ppc64",
    "ppc64le", "riscv64", "s390x", "wasm",
];
const VARIANTS: [&str; 9] = ["v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9"];

impl Platform {
    fn name(&self) -> String {
        let (os, architecture) = (&*self.os, &*self.architecture);
        if !SYSTEMS.contains(&os) || !ARCHITECTURES.contains(&architecture) {
            return "another platform".to_owned();
        }
        let mut name = format!("{os}/{architecture}");
        if VARIANTS.contains(&&*self.variant) {
            name.push('/');
            name.push_str(&self.variant);
        }
        let is_number = |byte: u8| byte.is_ascii_digit() || byte == b'.';
        let version = &self.os_version;
        if (1..=24).contains(&version.len()) && version.bytes().all(is_number) {
            name.push(' ');
            name.push_str(version);
        }
        name
    }

    /// BuildKit lists attestations as images for a platform of this name.
    fn is_attestation(&self) -> bool {
        self.os == "unknown" && self.architecture == "unknown"
    }
}

impl WrittenEntry {
    fn holds(&self) -> Holds {
        let is = |end: &str| self.media_type.ends_with(end);
        if is("image.index.v1+json") || is("manifest.list.v2+json") {
            return Holds::List;
        }
        match &self.platform {
            Some(platform) if platform.is_attestation() => Holds::Attestation,
            _ => Holds::Image,
        }
    }
}

/// Reads a manifest; `None` where it is none, or names something by a digest that cannot be checked.
pub(super) fn manifest(bytes: &[u8]) -> Option<Manifest> {
    let written: Written = serde_json::from_slice(bytes).ok()?;
    if let Some(entries) = written.manifests {
        let entries = entries.into_iter().map(|entry| {
            algorithm(&entry.digest)?;
            let holds = entry.holds();
            let platform = entry.platform.as_ref().map(Platform::name);
            Some(IndexEntry {
                platform: platform.unwrap_or_else(|| "an image without a platform".to_owned()),
                holds,
                digest: entry.digest,
            })
        });
        return entries.collect::<Option<_>>().map(Manifest::List);
    }
    let config = written.config?.digest;
    algorithm(&config)?;
    let layers = written.layers.into_iter();
    let layers = layers.filter(|layer| !layer.is_elsewhere());
    let layers = layers.map(|layer| layer.digest);
    Some(Manifest::Image {
        config,
        layers: layers.filter(|digest| is_digest(digest)).collect(),
    })
}

/// When an image was built, according to its configuration, in seconds since 1970. Reproducible
/// builds record a fixed date long ago, which says nothing.
pub(super) fn created(config: &[u8]) -> Option<i64> {
    #[derive(Deserialize)]
    struct ImageConfig {
        created: Option<String>,
    }
    let config: ImageConfig = serde_json::from_slice(config).ok()?;
    let created = rfc_3339(&config.created?)?;
    (created > LONG_AGO).then_some(created)
}

/// The platform of an image, where its configuration says it.
pub(super) fn platform(config: &[u8]) -> Option<String> {
    let platform: Platform = serde_json::from_slice(config).ok()?;
    let is_said = !platform.os.is_empty() && !platform.architecture.is_empty();
    is_said.then(|| platform.name())
}

/// 2010-01-01: no image in use is older.
const LONG_AGO: i64 = 1_262_304_000;

/// The algorithm of a digest that can be checked; `None` for a text that is none.
fn algorithm(digest: &str) -> Option<&'static ring::digest::Algorithm> {
    let (name, hex) = digest.split_once(':')?;
    let (algorithm, length) = match name {
        "sha256" => (&SHA256, 64),
        "sha512" => (&SHA512, 128),
        _ => return None,
    };
    let is_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    (hex.len() == length && hex.bytes().all(is_hex)).then_some(algorithm)
}

/// Whether a text is a digest that can be checked.
pub(super) fn is_digest(text: &str) -> bool {
    algorithm(text).is_some()
}

/// Whether bytes have a digest.
pub(super) fn has_digest(bytes: &[u8], digest: &str) -> bool {
    algorithm(digest).is_some_and(|algorithm| {
        let hex = digest.split_once(':').map_or("", |(_, hex)| hex);
        hex_of(algorithm, bytes) == hex
    })
}

/// The digest by which registries name bytes.
pub(super) fn digest_of(bytes: &[u8]) -> String {
    format!("sha256:{}", hex_of(&SHA256, bytes))
}

fn hex_of(algorithm: &'static ring::digest::Algorithm, bytes: &[u8]) -> String {
    let mut context = Context::new(algorithm);
    context.update(bytes);
    let digest = context.finish();
    let mut hex = String::new();
    for byte in digest.as_ref() {
        hex.push_str(&format!("{byte:02x}"));
    }
    hex
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_of_long_ago_says_nothing() {
        let of = |text: &str| created(format!(r#"{{"created": "{text}"}}"#).as_bytes());
        assert_eq!(of("1970-01-01T00:00:00Z"), None);
        assert_eq!(of("1980-01-01T00:00:01Z"), None);
        assert_eq!(of("2026-11-29T12:00:00Z"), Some(1_795_953_600));
        assert_eq!(created(b"{}"), None);
        assert_eq!(created(b"<html>"), None);
    }

    #[test]
    fn words_of_a_platform_that_nobody_knows_are_not_repeated() {
        let digest = digest_of(b"");
        let list = |platform: &str| {
            let text =
                format!(r#"{{"manifests": [{{"digest": "{digest}", "platform": {platform}}}]}}"#);
            match manifest(text.as_bytes()) {
                Some(Manifest::List(entries)) => {
                    let mut entries = entries;
                    entries.retain(|entry| entry.holds != Holds::Attestation);
                    entries.into_iter().map(|entry| entry.platform)
                }
                other => panic!("{other:?}"),
            }
            .collect::<Vec<String>>()
        };
        for (platform, names) in [
            (
                r#"{"os": "linux", "architecture": "arm64", "variant": "v8"}"#,
                vec!["linux/arm64/v8"],
            ),
            (
                r#"{"os": "windows", "architecture": "amd64", "os.version": "10.0.17763.1"}"#,
                vec!["windows/amd64 10.0.17763.1"],
            ),
            (
                r#"{"os": "linux", "architecture": "hunter2"}"#,
                vec!["another platform"],
            ),
            (
                r#"{"os": "linux", "architecture": "arm", "variant": "hunter2"}"#,
                vec!["linux/arm"],
            ),
            (r#"{"os": "unknown", "architecture": "unknown"}"#, vec![]),
            ("null", vec!["an image without a platform"]),
        ] {
            assert_eq!(list(platform), names, "{platform}");
        }
    }
}
