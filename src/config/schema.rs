//! The JSON Schema of what users write, generated from the types that read it.

use std::borrow::Cow;

use schemars::transform::{RecursiveTransform, Transform};
use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings, json_schema};
use serde_json::{Value, json};

use super::agent_entry::{Adjusted, AgentEntry, AgentProfile, Inline};
use super::document::RestoreImages;
use super::generate::GenerateImages;
use super::spanned::Spanned;
use crate::agent::builtin_names;

/// The schema of a RestoreImages object.
pub fn of_configuration() -> Schema {
    generator().into_root_schema_for::<RestoreImages>()
}

/// The schema of a GenerateImages object.
pub fn of_generator() -> Schema {
    generator().into_root_schema_for::<GenerateImages>()
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
        settings.transforms.push(Box::new(written()));
    });
    settings
        .into_generator()
        .into_root_schema_for::<RestoreImages>()
}

/// Draft 7 is what editors read.
fn generator() -> SchemaGenerator {
    let settings = SchemaSettings::draft07();
    settings.with_transform(written()).into_generator()
}

/// Takes out what is never written: a key is left out, and not written without a value.
fn written() -> impl Transform + Clone + Send {
    RecursiveTransform(|schema: &mut Schema| {
        if let Some(Value::Array(types)) = schema.get_mut("type") {
            types.retain(|one| one != "null");
            if let [only] = &types[..] {
                let only = only.clone();
                schema.insert("type".to_owned(), only);
            }
        }
        if let Some(Value::Array(forms)) = schema.get_mut("anyOf") {
            forms.retain(|form| *form != json!({"type": "null"}) && form.get("nullable").is_none());
            if let [only] = &forms[..] {
                // Draft 7 ignores the keys beside a `$ref`.
                let only = json!([only]);
                schema.remove("anyOf");
                schema.insert("allOf".to_owned(), only);
            }
        }
        schema.remove("nullable");
        if schema.get("default") == Some(&Value::Null) {
            schema.remove("default");
        }
    })
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
            "minLength": 1,
            "examples": builtin_names().collect::<Vec<_>>(),
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
