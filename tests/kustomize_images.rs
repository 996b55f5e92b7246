//! kustomize's own cases for its `images:`, wished for in our configuration.
//!
//! `name` is the image of an inline profile, `newName` the mirror of a rule for it, `newTag` and
//! `digest` what the profile pins. Names are compared in full, since a mirror is written in full.

use std::fs;

use restore_images::config::Date;
use restore_images::function;
use restore_images::image::Reference;
use restore_images::restore::Request;
use serde_json::Value;

use crate::support::shared;

/// A case of the vectors; what is not wished for is empty.
#[derive(Debug, Clone)]
struct Case {
    image: String,
    name: String,
    new_name: String,
    new_tag: String,
    digest: String,
    expected: String,
}

impl Case {
    fn of(value: &Value) -> Self {
        let text = |key: &str| value[key].as_str().expect("a text").to_owned();
        Case {
            image: text("image"),
            name: text("name"),
            new_name: text("newName"),
            new_tag: text("newTag"),
            digest: text("digest"),
            expected: text("expected"),
        }
    }

    /// The same with digests that a registry could have: kustomize's cases cut them short.
    fn with_whole_digests(&self) -> Self {
        let whole = |text: &str| match text.split_once('@') {
            Some((name, digest)) => format!("{name}@{}", whole_digest(digest)),
            None => text.to_owned(),
        };
        Case {
            image: whole(&self.image),
            digest: match self.digest.as_str() {
                "" => String::new(),
                digest => whole_digest(digest),
            },
            expected: whole(&self.expected),
            ..self.clone()
        }
    }

    fn config(&self) -> String {
        let version = match (self.new_tag.as_str(), self.digest.as_str()) {
            ("", "") => "tag: keep".to_owned(),
            (tag, "") => format!("tag: pinned, pin: \"{tag}\""),
            (tag, digest) => format!("tag: pinned, pin: \"{tag}@{digest}\""),
        };
        let rules = match self.new_name.as_str() {
            "" => String::new(),
            new => format!(
                "  registries: [{{source: \"{}\", mirror: \"{}\"}}]\n",
                in_full(&self.name),
                in_full(new)
            ),
        };
        format!(
            "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {{name: c}}\nspec:\n  agents:\n  - {{name: wish, images: [{{image: \"{}\", {version}, imagePullPolicy: keep}}]}}\n{rules}",
            self.name
        )
    }

    /// What becomes of the image, or why the configuration is refused.
    fn result(&self) -> Result<String, String> {
        let input = format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec: {{containers: [{{name: c, image: \"{}\"}}]}}\n",
            self.image
        );
        let request = Request {
            input: &input,
            config: Some(&self.config()),
            today: Date::from_unix_days(20_000),
        };
        let outcome = function::run(&request).map_err(|error| error.to_string())?;
        let output = outcome.output(&input);
        let (_, rest) = output.rsplit_once("image: \"").expect("an image");
        let (image, _) = rest.split_once('"').expect("its end");
        Ok(image.to_owned())
    }

    /// What the image becomes is what kustomize makes of it.
    fn holds(&self) -> bool {
        self.result()
            .is_ok_and(|image| in_full(&image) == in_full(&self.expected))
    }
}

/// A reference with its registry; anything else as it is.
fn in_full(text: &str) -> String {
    match Reference::parse(text) {
        Ok(reference) => {
            let rest = &text[reference.name().len()..];
            format!("{}{rest}", reference.repository())
        }
        Err(_) => text.to_owned(),
    }
}

fn whole_digest(text: &str) -> String {
    let hex = text.strip_prefix("sha256:").unwrap_or(text);
    let hex = if hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        hex
    } else {
        "0"
    };
    format!("sha256:{hex:0<64}")
}

/// Where this program differs on purpose: the image, what kustomize makes of it, and what becomes
/// of it here.
const OTHERWISE: &[(&str, &str, &str)] = &[
    // An image under the mirror is taken for a copy, or a second run would not find what the first
    // one wrote.
    ("apache:1.2.3", "apache:1.2.3", "apache:3.2.1"),
    // What is no reference is for somebody else to fill in.
    (
        "some.registry.io/my-image:{GENERATED_TAG}",
        "some.registry.io/my-image:my-fixed-tag",
        "some.registry.io/my-image:{GENERATED_TAG}",
    ),
];

#[test]
fn the_same_wishes_give_the_same_images() {
    let Some(path) = shared("vectors/kustomize-images.json") else {
        return;
    };
    let text = fs::read_to_string(path).expect("vectors");
    let vectors: Value = serde_json::from_str(&text).expect("JSON");
    let cases = vectors["cases"].as_array().expect("cases");
    let (mut as_given, mut with_whole_digests, mut otherwise) = (0, 0, Vec::new());
    for case in cases.iter().map(Case::of) {
        let whole = case.with_whole_digests();
        if case.holds() {
            as_given += 1;
        } else if whole.holds() {
            // A digest that no registry could have is refused where it is wished for, and an image
            // with one is left alone.
            match case.result() {
                Ok(image) => assert_eq!(image, case.image, "{case:?}"),
                Err(why) => assert!(
                    why.contains("digest") || why.contains("pin"),
                    "{case:?}: {why}"
                ),
            }
            with_whole_digests += 1;
        } else {
            let image = case.result().expect("the wish can be expressed");
            otherwise.push((case.image, case.expected, image));
        }
    }
    let otherwise: Vec<(&str, &str, &str)> = otherwise
        .iter()
        .map(|(image, expected, found)| (image.as_str(), expected.as_str(), found.as_str()))
        .collect();
    assert_eq!(otherwise, OTHERWISE);
    assert_eq!((as_given, with_whole_digests, cases.len()), (23, 21, 46));
}
