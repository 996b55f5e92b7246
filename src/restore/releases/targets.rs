//! Values that a kustomization generates for one path (`targetPath`), from a literal or from a file. Such a
//! value is no document and is not edited; where it may hold an image of an agent or under a rule, it is counted.

use crate::config::Config;
use crate::judge::values::{Ground, Unjudged, is_concerned};
use crate::values::{Elsewhere, LayerContent};
use crate::yaml::{Error, Node, Span};

use super::set::{GeneratedKey, ReleaseSet};

const GENERATED: &str = "`configMapGenerator` makes it a value at a `targetPath`, where it is not edited: write it \
                         in a document of values";

/// The position of a document, bytes there, and the text that they are.
type TextIn<'t> = (usize, Span, &'t str);

impl ReleaseSet<'_> {
    /// The images of agents, or under a rule, in what is generated for one path.
    pub(super) fn unfollowed_targets(&self, config: &Config) -> Result<Vec<Unjudged>, Error> {
        let mut found: Vec<Unjudged> = Vec::new();
        if self.generated.is_empty() {
            return Ok(found);
        }
        for file in self.files {
            for release in file.releases()? {
                for (layer, elsewhere) in &release.elsewhere {
                    let (LayerContent::UnknownAt(_), Elsewhere::ConfigMap { name, key, .. }) =
                        (&release.layers[*layer].content, elsewhere)
                    else {
                        continue;
                    };
                    let origins = self.generated.get(&((*name).to_owned(), *key));
                    let origins = origins.into_iter().flatten();
                    let origins = origins.filter_map(|origin| origin.of.as_ref());
                    for origin in origins {
                        let Some((document, span, text)) = self.generated_text(*origin)? else {
                            continue;
                        };
                        let is_new = found
                            .iter()
                            .all(|known| (known.document, &known.span) != (document, &span));
                        if is_new && is_concerned(config, text) {
                            found.push(Unjudged {
                                document,
                                span,
                                why: GENERATED.to_owned(),
                                ground: Ground::Looks,
                            });
                        }
                    }
                }
            }
        }
        Ok(found)
    }

    /// What is generated, with its document, and the bytes there.
    fn generated_text(&self, origin: GeneratedKey) -> Result<Option<TextIn<'_>>, Error> {
        Ok(match origin {
            GeneratedKey::File(position) => self
                .document_of(position)
                .map(|(document, file)| (document, 0..file.text.len(), file.text)),
            GeneratedKey::Text(position) => {
                let (document, held) = &self.texts[position];
                let node: Option<&Node<'_>> = held.slot.node()?;
                node.map(|node| (*document, node.span.clone(), held.text()))
            }
        })
    }
}
