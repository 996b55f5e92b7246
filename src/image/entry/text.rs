//! Entries of images as one text, as `kustomize edit set image` reads them for Argo CD.

use super::Fields;

/// Keeps a part of what there is.
const KEPT: &str = "*";

/// What a text says as an argument of `kustomize edit set image`: `NAME=NEWNAME:TAG@DIGEST`, or
/// `NAME:TAG@DIGEST`.
pub(crate) fn fields_of(text: &str) -> Fields {
    let (name, image) = match text.split_once('=') {
        Some((name, image)) => (Some(name), image),
        None => (None, text),
    };
    let (image, version) = image.split_at(version_at(image));
    let (tag, digest) = version.split_once('@').unwrap_or((version, ""));
    let tag = tag.strip_prefix(':').unwrap_or(tag);
    Fields {
        name: name.unwrap_or(image).to_owned(),
        new_name: name.map_or("", |_| image).to_owned(),
        new_tag: tag.to_owned(),
        digest: digest.to_owned(),
        tag_suffix: String::new(),
    }
}

/// Where the tag or digest of an image begins, with its sign; a template in it counts, since it is filled
/// in before the text is read.
pub(crate) fn version_at(image: &str) -> usize {
    let template = image.find("{{").into_iter().chain(image.find("${")).min();
    let literal = &image[..template.unwrap_or(image.len())];
    if let Some(at) = literal.find('@') {
        let before = &literal[..at];
        return tag_at(before).unwrap_or(at);
    }
    match template {
        // What is filled in behind a colon of the last part is of the tag.
        Some(_) => {
            let last = literal.rfind('/').map_or(0, |at| at + 1);
            let colon = literal[last..].find(':').map(|at| at + last);
            colon.unwrap_or(image.len())
        }
        None => tag_at(image).unwrap_or(image.len()),
    }
}

/// Where the colon before a tag is.
fn tag_at(image: &str) -> Option<usize> {
    let is_letter = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let (before, tag) = image.rsplit_once(':')?;
    (tag == KEPT || tag.chars().all(is_letter)).then_some(before.len())
}

impl Fields {
    /// Puts what there is in place of what is to be kept.
    pub(crate) fn keep_starred(&mut self, known: &Fields) {
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

    /// The fields with what is kept where it was written so, and nothing else is wanted than before.
    pub(crate) fn starred_as(&self, written: &Fields, before: &Fields) -> Fields {
        let mut starred = self.clone();
        for (own, written, before) in [
            (&mut starred.new_name, &written.new_name, &before.new_name),
            (&mut starred.new_tag, &written.new_tag, &before.new_tag),
            (&mut starred.digest, &written.digest, &before.digest),
        ] {
            if written == KEPT && own == before {
                KEPT.clone_into(own);
            }
        }
        starred
    }

    /// The fields as one text, as `kustomize edit set image` takes it.
    pub(crate) fn as_text(&self) -> String {
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
            ("a/b:{{tag}}", ["a/b", "", "{{tag}}", ""]),
            ("a/b:v1-{{ .x }}", ["a/b", "", "v1-{{ .x }}", ""]),
            ("a=n:5000/x:{{tag}}", ["a", "n:5000/x", "{{tag}}", ""]),
            ("a/b@{{d}}", ["a/b", "", "", "{{d}}"]),
            ("a/b:1@{{d}}", ["a/b", "", "1", "{{d}}"]),
            ("a/{{n}}:1", ["a/{{n}}:1", "", "", ""]),
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
                // kustomize refuses a name alone, and a tag with a digest behind it.
                let is_repeated = new_name.is_empty() && new_tag.is_empty() == digest.is_empty();
                let new_name = if is_repeated { name } else { new_name };
                Fields {
                    new_name: new_name.to_owned(),
                    ..expected
                }
            });
        }
    }
}
