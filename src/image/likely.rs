//! Values of a text that read like images, found by a search of its bytes, so that they are counted
//! whether or not anybody judges them.

mod keys;
mod listed;
mod name;
mod quoted;
mod told;
mod word;

use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem::Finder;

use word::{Word, has_parts, value_at, word_at};

use super::Reference;
use super::template::is_template;
use crate::sort::sort_by_key;

/// A value that reads like an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Likely {
    /// The bytes of the value, its quotes included.
    pub span: Range<usize>,
    /// Where the value begins that holds it: the same, but for one of a list, or one in an argument.
    pub at: usize,
    /// The key that it is under.
    pub key: ImageKey,
    /// Whether it is one word, such as `nginx`, which is an image only where images are kept.
    pub is_word: bool,
    /// Whether a variable or a template is in it, which is filled in later.
    pub is_template: bool,
}

/// Under which key a value reads like an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImageKey {
    /// `image`.
    Image,
    /// A key that ends in `Image` or `.image`.
    OtherImage,
    /// `repository`, with the tag or another part of an image beside it.
    Repository,
    /// `name`, below a key that ends in `image`.
    Name,
    /// `img`, `package`, which Crossplane runs, any key below `override`, where Knative's operator has the
    /// images that it runs, a variable with `IMAGE` in its name, or a flag with `image` in it.
    Other,
}

impl Likely {
    fn of(span: Range<usize>, key: ImageKey) -> Self {
        Likely {
            at: span.start,
            span,
            key,
            is_word: false,
            is_template: false,
        }
    }
}

/// How the names of files end that are images of another kind: pictures and disks.
const FILES: [&str; 10] = [
    ".png", ".jpg", ".jpeg", ".svg", ".gif", ".ico", ".webp", ".iso", ".img", ".qcow2",
];

/// What is searched for in every text: to begin a search takes longer than to search a small text.
struct Words {
    image: Finder<'static>,
    variable: Finder<'static>,
    repository: Finder<'static>,
    others: [(&'static str, Finder<'static>); 2],
    listed: Finder<'static>,
}

impl Words {
    fn new() -> Self {
        Words {
            image: Finder::new("mage"),
            variable: Finder::new("IMAGE"),
            repository: Finder::new("repository"),
            others: ["package", "img"].map(|key| (key, Finder::new(key))),
            listed: Finder::new("override"),
        }
    }
}

/// The values of a text that read like images, in order.
pub fn likely(text: &str) -> Vec<Likely> {
    static WORDS: LazyLock<Words> = LazyLock::new(Words::new);
    let words = &*WORDS;
    let mut found = Vec::new();
    for at in words.image.find_iter(text.as_bytes()) {
        let word = word_at(text, at, "mage");
        if let Some(word) = &word
            && let Some(key) = key_of(word.name(text))
            && let Some(value) = value_at(text, word.value)
            && let Some(is_word) = reads_as_image(&text[value.bare.clone()], key)
        {
            found.push(Likely {
                is_word,
                is_template: is_template(&text[value.bare]),
                ..Likely::of(value.span, key)
            });
        } else if let Some(word) = &word
            && key_of(word.name(text)).is_some()
            && let Some(name) = name::below(text, word)
            && reads_as_image(&text[name.bare], ImageKey::Name) == Some(false)
        {
            found.push(Likely::of(name.span, ImageKey::Name));
        } else if let Some((name, value)) = told::escaped(text, at)
            && let Some(key) = key_of(&text[name])
        {
            found.push(Likely::of(value.span, key));
        } else if let Some((name, value)) = quoted::image(text, at)
            && let Some(key) = key_of(&text[name])
        {
            found.push(Likely::of(value, key));
        } else {
            found.extend(told::of_flag(text, at));
        }
    }
    for at in words.variable.find_iter(text.as_bytes()) {
        found.extend(told::of_variable(text, at));
    }
    for at in words.repository.find_iter(text.as_bytes()) {
        if let Some(word) = word_at(text, at, "repository")
            && word.name(text) == "repository"
            && let Some(value) = value_at(text, word.value)
            && Reference::parse(&text[value.bare]).is_ok()
            && has_parts(text, &word)
        {
            found.push(Likely::of(value.span, ImageKey::Repository));
        } else if let Some(value) = quoted::repository(text, at) {
            found.push(Likely::of(value, ImageKey::Repository));
        }
    }
    let mut others = Vec::new();
    for (key, finder) in &words.others {
        for at in finder.find_iter(text.as_bytes()) {
            let word = word_at(text, at, key).filter(|word| word.name(text) == *key);
            others.extend(word.and_then(|word| value_at(text, word.value)));
        }
    }
    for at in words.listed.find_iter(text.as_bytes()) {
        if let Some(word) = word_at(text, at, "override")
            && word.name(text) == "override"
        {
            listed::below(text, &word, &mut others);
        }
    }
    let versioned = others
        .into_iter()
        .filter(|value| is_versioned(&text[value.bare.clone()]));
    found.extend(versioned.map(|value| Likely::of(value.span, ImageKey::Other)));
    sort_by_key(&mut found, |likely| likely.span.start);
    found.dedup_by(|next, likely| next.span == likely.span);
    found
}

/// Whether a text has a registry or an owner, and a version, as a whole reference has.
fn is_versioned(text: &str) -> bool {
    let has_version = |parsed: Reference<'_>| parsed.tag.is_some() || parsed.digest.is_some();
    text.contains('/') && Reference::parse(text).is_ok_and(has_version)
}

fn key_of(name: &str) -> Option<ImageKey> {
    match name {
        "image" => Some(ImageKey::Image),
        _ if name.ends_with("Image") || name.ends_with(".image") => Some(ImageKey::OtherImage),
        _ => None,
    }
}

/// Whether a value reads as an image, and whether as one of one word.
fn reads_as_image(value: &str, key: ImageKey) -> Option<bool> {
    if is_template(value) {
        return (key == ImageKey::Image).then_some(false);
    }
    let is_word = !value.contains(['/', ':', '@']);
    let is_image = Reference::parse(value).is_ok() && !names_a_file(value);
    (is_image && !(is_word && key != ImageKey::Image)).then_some(is_word)
}

/// Whether a text is the name of a picture or a disk.
pub fn names_a_file(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    FILES.iter().any(|end| lower.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::word::AROUND;
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let found = likely(text);
        let found: Vec<&str> = found
            .iter()
            .map(|likely| &text[likely.span.clone()])
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn what_reads_like_an_image_is_found() {
        check("image: nginx:1", &["nginx:1"]);
        check("- image: nginx # one", &["nginx"]);
        check("{\"image\": \"a/b\", \"x\": 1}", &["\"a/b\""]);
        check("{name: c, image: a/b:1}", &["a/b:1"]);
        check("initImage: 'quay.io/a/b'", &["'quay.io/a/b'"]);
        check("image: &a !!str quay.io/a/b", &["quay.io/a/b"]);
        check("image: {{ .Values.image }}", &["{{ .Values.image }}"]);
        check(
            "image: \"{{ .Values.image }}\"",
            &["\"{{ .Values.image }}\""],
        );
        check("image: a/b:${TAG}", &["a/b:${TAG}"]);
        check("image:\n  repository: a/b\n", &["a/b"]);
        check("csi:\n  tag: v1\n  # it\n  repository: a/b\n", &["a/b"]);
        check(
            "csi:\n  repository: a/b\n  x: {y: 1}\n  tag: v1\n",
            &["a/b"],
        );
        check("csi: {repository: a/b, tag: v1}", &["a/b"]);
        check("image: {repository: a/b}", &["a/b"]);
        check("# c\rimage: a/b\r", &["a/b"]);
        check("image: {name: a/b, tag: v1}", &["a/b"]);
        check("image: {\"tag\": v1, \"name\": \"a/b\"}", &["\"a/b\""]);
        check("image:\n  tag: v1\n  name: a/b # c\nname: c/d\n", &["a/b"]);
        check("agentImage: # c\n  \"name\": 'a/b'\n", &["'a/b'"]);
        check(
            "package: xpkg.example.com/a/b:v1",
            &["xpkg.example.com/a/b:v1"],
        );
        check(
            "override: # c\n  x: a/b:v1\n\n  y: 'a/c@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef'\nz: a/d:v1\n",
            &[
                "a/b:v1",
                "'a/c@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef'",
            ],
        );
        check(
            "override: {\"x\": \"a/b:v1\", y: a/c:v1}\nz: a/d:v1",
            &["\"a/b:v1\"", "a/c:v1"],
        );
        check("override:\n  image: a/b:v1\n", &["a/b:v1"]);
        check("spec: {img: a/b:v1}", &["a/b:v1"]);
        check("data:\n  foo.image: a/b:1\n", &["a/b:1"]);
        check("{\"override\":{\"x\":\"a/b:v1\"}}", &["\"a/b:v1\""]);
        // A long line is looked at in part.
        for odd in ["", "x"] {
            let long = format!("{odd}{}", "ü".repeat(2 * AROUND));
            check(&format!("{{a: {long}, image: a/b}}"), &["a/b"]);
            let both = format!("{{a: {long}, {{repository: a/b, tag: {long}}}}}");
            check(&both, &["a/b"]);
            check(&format!("image: {long}"), &[]);
        }
    }

    #[test]
    fn what_programs_are_told_is_found() {
        check("- name: RELATED_IMAGE_A\n  value: a/b:v1\n", &["a/b:v1"]);
        check("- {name: A_IMAGE, value: 'a/b:v1'}", &["'a/b:v1'"]);
        check(
            "{\"name\": \"IMAGES\",\n \"value\": \"a/b:v1,a/c:v2\"}",
            &["a/b:v1", "a/c:v2"],
        );
        check("- name: 'IMAGE' # c\n  value: a/b\n", &[]);
        check("RELATED_IMAGE_A: a/b:v1\n", &["a/b:v1"]);
        check("- name: IMAGE_REGISTRY\n  value: acme\n", &["acme"]);
        check("- --images=a/b:v1,a/c:v2\n", &["a/b:v1", "a/c:v2"]);
        check(
            "[\"--x-image=a/b:v1\", --image-b=a/c:v1]",
            &["a/b:v1", "a/c:v1"],
        );
        check(
            r#"a: "{\"image\": \"a/b:v1\", \"agentImage\":\"a/c:v1\"}""#,
            &["a/b:v1", "a/c:v1"],
        );
        check(
            r#"a: "image: a/b:v1\n  - initImage: a/c:v2 \nimage:\n  repository: a/d\nx:\n  repository: a/e\n  tag: v1\n""#,
            &["a/b:v1", "a/c:v2", "a/d", "a/e"],
        );
    }

    #[test]
    fn what_is_no_image_is_not() {
        for text in [
            "- name: IMAGE_TAG\n  value: v1\n",
            "- name: IMAGE_PULL_POLICY\n  value: Always\n",
            "- name: RELATED_IMAGE_A\n- value: a/b:v1\n",
            "# - name: RELATED_IMAGE_A\n#   value: a/b:v1\n",
            "- name: IMAGE_URL\n  value: https://example.com/a:1\n",
            "- name: PAGE_REGISTRY\n  value: a/b\n",
            "- --image=$(IMAGE)\n",
            "- --image-tag=v1\n",
            "x-image=a/b:v1",
            "# image: nginx:1",
            "a: b # image: nginx:1",
            "a#b: c # image: nginx:1",
            "image:\n",
            "image: *a",
            "image: |\n  a/b\n",
            "image: https://example.com/a.png",
            "image: logo/a.png",
            "image: two words",
            "baseImage: default",
            "images: a/b",
            "imageTag: a/b",
            "message: a/b",
            "text: my-image:1",
            "repository: https://example.com/charts",
            "chart:\n  repository: a/b\n  version: 1\nother:\n  tag: v1\n",
            "backup: {repository: a/b}",
            "image: {name: agent, tag: v1}",
            "image:\n  name: agent\n",
            "image:\n  inner:\n    name: a/b\n",
            "image:\nname: a/b\n",
            "img: a/b",
            "package: a/b",
            "package: text",
            "override: a/b:v1",
            "override:\n  a: text\n  b: 1\n  c: {d: a/b:v1}\ne: a/b:v1\n",
            "override:\ne: a/b:v1\n",
            "image: {inner: x}\nname: a/b\n",
            r#"a: "the image: a/b:v1\nmyimage: nginx\nrepository: a/c\n""#,
        ] {
            check(text, &[]);
        }
    }
}
