//! Entries of lists of images as kustomize runs them: what an entry matches, and what it makes of an
//! image.
//!
//! Source: kustomize's `api/internal/image/image.go` and `api/filters/imagetag/updater.go`.

mod text;

use crate::pattern::{self, GoMeaning};

pub(crate) use text::{fields_of, version_at};

/// What an entry says; absent and empty are the same.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Fields {
    pub(crate) name: String,
    pub(crate) new_name: String,
    pub(crate) new_tag: String,
    pub(crate) digest: String,
    pub(crate) tag_suffix: String,
}

/// An image taken apart as kustomize does it, which knows no default registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KustomizeParts<'t> {
    pub(crate) name: &'t str,
    pub(crate) tag: &'t str,
    pub(crate) digest: &'t str,
}

impl<'t> KustomizeParts<'t> {
    pub(crate) fn of(image: &'t str) -> Self {
        let domain = image.find('/').unwrap_or(0);
        let behind = &image[domain..];
        let colon = behind.find(':').map(|at| at + domain);
        let at = behind.find('@').map(|at| at + domain);
        let (name, tag, digest) = match (colon, at) {
            (None, None) => (image, "", ""),
            (Some(colon), Some(at)) if colon < at => {
                (&image[..colon], &image[colon + 1..at], &image[at + 1..])
            }
            (_, Some(at)) => (&image[..at], "", &image[at + 1..]),
            (Some(colon), None) => (&image[..colon], &image[colon + 1..], ""),
        };
        KustomizeParts { name, tag, digest }
    }

    pub(crate) fn join(&self) -> String {
        let sign = |sign, part: &str| if part.is_empty() { "" } else { sign };
        let (colon, at) = (sign(":", self.tag), sign("@", self.digest));
        [self.name, colon, self.tag, at, self.digest].concat()
    }
}

impl Fields {
    /// Whether the entry matches an image: its name is a regular expression, neither escaped nor
    /// grouped, in front of an optional tag and digest.
    pub(crate) fn matches(&self, image: &str) -> bool {
        if self.is_plain_name() {
            return matches_plain(&self.name, image);
        }
        let pattern = format!(
            "^{}(:[a-zA-Z0-9_.{{}}-]*)?(@sha256:[a-zA-Z0-9_.{{}}-]*)?$",
            self.name
        );
        // kustomize takes what is no expression for one that matches nothing.
        pattern::is_match(&pattern, image).unwrap_or(false)
    }

    /// Whether kustomize may read the name otherwise than it is read here, so that it is not known what
    /// the entry matches. A variable in a name begins with what matches the end of a text.
    pub(crate) fn is_unclear(&self) -> bool {
        let is_variable = self.name.contains("${");
        !is_variable && pattern::reading(&self.name) == GoMeaning::Otherwise
    }

    /// What it says under a key; none where that is nothing.
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        let text = match key {
            "name" => &self.name,
            "newName" => &self.new_name,
            "newTag" => &self.new_tag,
            "digest" => &self.digest,
            "tagSuffix" => &self.tag_suffix,
            _ => return None,
        };
        Some(&**text).filter(|text| !text.is_empty())
    }

    /// Whether the entry says what name images get.
    pub(crate) fn sets_name(&self) -> bool {
        !self.new_name.is_empty()
    }

    /// Whether the entry says what tag or digest images get.
    pub(crate) fn sets_version(&self) -> bool {
        !self.new_tag.is_empty() || !self.digest.is_empty()
    }

    /// Whether the entry changes tag or digest, if only by a suffix.
    pub(crate) fn changes_version(&self) -> bool {
        self.sets_version() || !self.tag_suffix.is_empty()
    }

    /// Whether the new name holds a tag or digest, which images without one get.
    pub(crate) fn has_version_in_name(&self) -> bool {
        let parts = KustomizeParts::of(&self.new_name);
        !parts.tag.is_empty() || !parts.digest.is_empty()
    }

    /// Whether the entry decides the name of an image, or else its tag and digest.
    pub(crate) fn decides(&self, is_name: bool) -> bool {
        if is_name {
            self.sets_name()
        } else {
            self.sets_version()
        }
    }

    /// Whether the name means itself, but for dots, which mean any character.
    pub(crate) fn is_plain_name(&self) -> bool {
        let is_sign = |byte| matches!(byte, b'/' | b'_' | b':' | b'@' | b'.' | b'-');
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || is_sign(byte);
        self.name.bytes().all(is_plain)
    }

    /// Whether a variable or a template is in a name, which its tool fills in.
    pub(crate) fn has_template_for_name(&self) -> bool {
        is_filled_in(&self.name) || is_filled_in(&self.new_name)
    }

    /// Whether a variable or a template is the tag or the digest, or a part of it.
    pub(crate) fn has_template_for_version(&self) -> bool {
        is_filled_in(&self.new_tag) || is_filled_in(&self.digest)
    }

    /// What the entry makes of an image that it matches.
    pub(crate) fn apply(&self, image: &str) -> String {
        let mut parts = KustomizeParts::of(image);
        if !self.new_name.is_empty() {
            parts.name = &self.new_name;
        }
        let suffixed;
        match (&*self.new_tag, &*self.digest) {
            ("", "") => {
                if !self.tag_suffix.is_empty() {
                    suffixed = format!("{}{}", parts.tag, self.tag_suffix);
                    (parts.tag, parts.digest) = (&suffixed, "");
                }
            }
            (tag, digest) => (parts.tag, parts.digest) = (tag, digest),
        }
        parts.join()
    }
}

/// Whether a variable or a template is in a text.
pub(crate) fn is_filled_in(text: &str) -> bool {
    text.contains("${") || text.contains("{{")
}

/// A plain name at the start, dots being wildcards, and nothing but a tag and a digest after it.
fn matches_plain(name: &str, image: &str) -> bool {
    let Some(rest) = behind_name(name, image) else {
        return false;
    };
    let is_word = |text: &str| {
        let is_letter = |c: char| c.is_ascii_alphanumeric() || "_.{}-".contains(c);
        text.chars().all(is_letter)
    };
    let (tag, digest) = match rest.split_once("@sha256:") {
        Some((tag, digest)) => (tag, digest),
        None => (rest, ""),
    };
    let tag = if tag.is_empty() {
        Some("")
    } else {
        tag.strip_prefix(':')
    };
    tag.is_some_and(is_word) && is_word(digest)
}

/// What follows a plain name, in which dots mean any character, at the start of an image.
fn behind_name<'i>(name: &str, image: &'i str) -> Option<&'i str> {
    if let Some(rest) = image.strip_prefix(name) {
        return Some(rest);
    }
    let mut rest = image.chars();
    for wanted in name.chars() {
        match rest.next() {
            Some(c) if c == wanted || (wanted == '.' && c != '\n') => {}
            _ => return None,
        }
    }
    Some(rest.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str) -> Fields {
        Fields {
            name: name.to_owned(),
            ..Fields::default()
        }
    }

    #[test]
    fn an_entry_matches_as_kustomize_does() {
        let rows = [
            ("nginx", "nginx", true),
            ("nginx", "nginx:1@sha256:a", true),
            ("nginx", "nginx:", true),
            ("nginx", "docker.io/library/nginx:1", false),
            ("nginx", "NGINX:1", false),
            ("nginx", "nginx@sha512:a", false),
            ("a", "a:${TAG}", false),
            ("a", "a:{TAG}", true),
            ("quay.io/a/b", "quayXio/a/b:1", true),
            ("foo/.*", "foo/bar/baz:1@sha256:ab", true),
            ("a|zz/q", "abc:9", true),
            ("a|zz/q", "hello/zz/q:7", true),
            ("localhost:5000/x", "localhost:5000/x:1", true),
            ("reg", "reg:5000/a", false),
            ("nginx:1.25", "nginx:1.25", true),
            ("a[", "a", false),
            ("", "", true),
        ];
        for (name, image, matches) in rows {
            assert_eq!(entry(name).matches(image), matches, "{name} on {image}");
        }
    }

    #[test]
    fn an_entry_writes_as_kustomize_does() {
        let image = "a:1@sha256:x";
        let rows = [
            (["nn", "", "", ""], "nn:1@sha256:x"),
            (["", "tt", "", ""], "a:tt"),
            (["", "", "sha256:d", ""], "a@sha256:d"),
            (["", "tt", "sha256:d", ""], "a:tt@sha256:d"),
            (["", "", "", "-s"], "a:1-s"),
            (["n:7", "", "", ""], "n:7:1@sha256:x"),
        ];
        for ([new_name, new_tag, digest, tag_suffix], expected) in rows {
            let fields = Fields {
                name: "a".to_owned(),
                new_name: new_name.to_owned(),
                new_tag: new_tag.to_owned(),
                digest: digest.to_owned(),
                tag_suffix: tag_suffix.to_owned(),
            };
            assert_eq!(fields.apply(image), expected);
        }
    }
}
