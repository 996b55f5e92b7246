//! Entries of images as one text, as `kustomize edit set image` reads them for Argo CD.

use crate::tree::images::Fields;

/// Keeps a part of what there is.
const KEPT: &str = "*";

/// What a text says as an argument of `kustomize edit set image`: `NAME=NEWNAME:TAG@DIGEST`, or
/// `NAME:TAG@DIGEST`.
pub(in crate::tree) fn fields_of(text: &str) -> Fields {
    let (name, image) = match text.split_once('=') {
        Some((name, image)) => (Some(name), image),
        None => (None, text),
    };
    let (image, digest) = image.split_once('@').unwrap_or((image, ""));
    let is_tag = |tag: &str| {
        let is_letter = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        tag == KEPT || tag.chars().all(is_letter)
    };
    let tagged = image.rsplit_once(':').filter(|(_, tag)| is_tag(tag));
    let (image, tag) = tagged.unwrap_or((image, ""));
    Fields {
        name: name.unwrap_or(image).to_owned(),
        new_name: name.map_or("", |_| image).to_owned(),
        new_tag: tag.to_owned(),
        digest: digest.to_owned(),
        tag_suffix: String::new(),
    }
}

impl Fields {
    /// Puts what there is in place of what is to be kept.
    pub(super) fn keep_starred(&mut self, known: &Fields) {
        for (own, known) in [
            (&mut self.new_name, &known.new_name),
            (&mut self.new_tag, &known.new_tag),
            (&mut self.digest, &known.digest),
        ] {
            if own == KEPT {
                own.clone_from(known);
            }
        }
    }

    /// The fields as one text, as `kustomize edit set image` takes it.
    pub(in crate::tree) fn as_text(&self) -> String {
        let mut text = self.name.clone();
        let is_both = !self.new_tag.is_empty() && !self.digest.is_empty();
        if !self.new_name.is_empty() || is_both || !self.sets_version() {
            text.push('=');
            text.push_str(if self.new_name.is_empty() {
                &self.name
            } else {
                &self.new_name
            });
        }
        if !self.new_tag.is_empty() {
            text.extend([":", &self.new_tag]);
        }
        if !self.digest.is_empty() {
            text.extend(["@", &self.digest]);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Measured with kustomize 5.6.0.
    #[test]
    fn a_text_is_an_entry_as_kustomize_reads_it() {
        let rows = [
            ("a:1", ["a", "", "1", ""]),
            ("a@sha256:d", ["a", "", "", "sha256:d"]),
            ("a:1@sha256:d", ["a", "", "1", "sha256:d"]),
            ("a=new:7@sha256:d", ["a", "new", "7", "sha256:d"]),
            ("a=n:5000/x", ["a", "n:5000/x", "", ""]),
            ("a=n:5000/x:7", ["a", "n:5000/x", "7", ""]),
            ("a=*:9", ["a", "old", "9", ""]),
            ("a=new:*", ["a", "new", "0", ""]),
        ];
        let known = Fields {
            name: "a".to_owned(),
            new_name: "old".to_owned(),
            new_tag: "0".to_owned(),
            ..Fields::default()
        };
        for (text, [name, new_name, new_tag, digest]) in rows {
            let mut fields = fields_of(text);
            fields.keep_starred(&known);
            let expected = Fields {
                name: name.to_owned(),
                new_name: new_name.to_owned(),
                new_tag: new_tag.to_owned(),
                digest: digest.to_owned(),
                tag_suffix: String::new(),
            };
            assert_eq!(fields, expected, "{text}");
            assert_eq!(fields_of(&fields.as_text()), {
                let is_both = new_name.is_empty() && !new_tag.is_empty() && !digest.is_empty();
                let new_name = if is_both { name } else { new_name };
                Fields {
                    new_name: new_name.to_owned(),
                    ..expected
                }
            });
        }
    }
}
