//! The JSON Schema of what users write, made from the types that read it.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings, json_schema};

use super::document::{Adjusted, AgentEntry, AgentProfile, Inline, RestoreImages};
use super::spanned::Spanned;

/// The schema of a RestoreImages object.
pub fn of_configuration() -> Schema {
    generator().into_root_schema_for::<RestoreImages>()
}

/// The schema of an AgentProfile object.
pub fn of_profile() -> Schema {
    generator().into_root_schema_for::<AgentProfile>()
}

/// The schema of a RestoreImages object as OpenAPI v3 without references, which readers of a
/// KRMFunctionDefinition do not follow (KEP-2906).
pub fn openapi_of_configuration() -> Schema {
    let settings = SchemaSettings::openapi3().with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    settings
        .into_generator()
        .into_root_schema_for::<RestoreImages>()
}

/// Draft 7 is what editors read.
fn generator() -> SchemaGenerator {
    SchemaSettings::draft07().into_generator()
}

/// The location is not part of what users write.
impl<T: JsonSchema> JsonSchema for Spanned<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

/// The variant is chosen by the key that the entry has.
impl JsonSchema for AgentEntry {
    fn schema_name() -> Cow<'static, str> {
        "AgentEntry".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let name = json_schema!({
            "type": "string",
            "description": "The name of a built-in profile, or of one among the items.",
        });
        json_schema!({
            "description": "An agent in play: a profile's name, a profile adjusted, or one of your own.",
            "oneOf": [
                name,
                generator.subschema_for::<Adjusted>(),
                generator.subschema_for::<Inline>(),
                generator.subschema_for::<AgentProfile>(),
            ],
        })
    }
}
