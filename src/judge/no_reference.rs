//! The finding about an agent's field whose text is no image reference.

use crate::field::ImageField;
use crate::finding::Aspect;
use crate::image::template::is_template;
use crate::image::{Reference, ReferenceError};
use crate::mask;
use crate::verdict::{Note, Verdict};

/// The report that an image is no reference; `is_named` says that the text has a name of an agent's image in
/// it.
pub(super) fn no_reference(field: &ImageField<'_, '_>, is_named: bool) -> Verdict {
    Verdict {
        notes: vec![Note::unresolved(Aspect::Registry, why(field, is_named))],
        ..Verdict::default()
    }
}

/// Whether a field's image is no reference since a path in it is an access token.
pub(super) fn holds_token(field: &ImageField<'_, '_>) -> bool {
    let image = field.image.as_deref().map(Reference::parse);
    image == Some(Err(ReferenceError::AccessToken))
}

fn why(field: &ImageField<'_, '_>, is_named: bool) -> String {
    let masked = |image| {
        if is_named {
            mask::image_of_agent(image)
        } else {
            mask::image(image)
        }
    };
    match field.image.as_deref() {
        None | Some("") => "the agent's container has no image that is text".to_owned(),
        Some(image) if image.ends_with('\n') => format!(
            "{} ends in a line break, which no image may: write `|-` or `>-`, or quote it",
            masked(image.trim_end())
        ),
        Some(image) => match Reference::parse(image) {
            Err(error) => {
                let remedy = if is_template(image) || image.contains("$(") {
                    ": if it is filled in elsewhere, check what is rendered"
                } else {
                    ""
                };
                format!(
                    "`{}` is not an image reference: {}{remedy}",
                    masked(image),
                    mask::why(image, &error)
                )
            }
            Ok(_) => format!("`{image}` is a word for an image that is put in later"),
        },
    }
}
