//! Charts of profiles, as they are written.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use super::spanned::Spanned;

/// A Helm chart: its names, and where its values keep images.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ChartEntry {
    /// The chart's name, as in its `Chart.yaml`.
    pub(super) name: Spanned<String>,
    /// The repositories that publish it: `https://helm.datadoghq.com`, `oci://ghcr.io/org/charts`.
    #[serde(default)]
    pub(super) repositories: Vec<String>,
    /// Whether others' charts have the same name, so that a release is of this chart only where it
    /// names one of `repositories`, too.
    #[serde(default)]
    pub(super) common: bool,
    /// Whether the chart runs images that the profile does not name: a release of it is then said to be
    /// read in part.
    #[serde(default)]
    pub(super) partial: bool,
    /// The first version that keeps its images as described here: for an older one no key is made, and
    /// this is reported. Quote it.
    pub(super) since: Option<Spanned<String>>,
    /// The images that its values name.
    #[serde(default)]
    pub(super) images: Vec<ChartImageEntry>,
    /// Charts of this profile that it includes.
    #[serde(default)]
    pub(super) subcharts: Vec<SubchartEntry>,
}

/// A chart in another chart.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SubchartEntry {
    /// The name of another entry of `charts`.
    pub(super) chart: Spanned<String>,
    /// The key that its values are under: its alias; its name, if left out. What it reads below
    /// `global` stays there.
    pub(super) under: Option<Spanned<String>>,
    /// The switch that has to be `true` for it to be installed.
    #[serde(rename = "enabledBy")]
    pub(super) enabled_by: Option<Spanned<PartEntry>>,
    /// The first version of the outer chart that includes it. Quote it.
    pub(super) since: Option<Spanned<String>>,
    /// The last version of the outer chart that includes it; `"41"` takes every version of 41. Quote it.
    pub(super) until: Option<Spanned<String>>,
    /// The version of it that these versions of the outer chart bring; its newest, if left out. Quote it.
    pub(super) version: Option<Spanned<String>>,
}

/// Where the values of a chart keep one image.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ChartImageEntry {
    /// A text with the whole reference; where it is set, it wins over all parts.
    pub(super) image: Option<Spanned<PartEntry>>,
    /// A text with registry and repository; where it is set, it wins over these two.
    pub(super) name: Option<Spanned<PartEntry>>,
    /// What the chart writes before the registry where that holds an owner alone: a host.
    pub(super) host: Option<Spanned<PartEntry>>,
    /// What the chart writes before the repository: a host, or a host with an owner.
    pub(super) registry: Option<Spanned<PartEntry>>,
    /// The repository.
    pub(super) repository: Option<Spanned<PartEntry>>,
    /// The tag, which may hold a digest, too. It is never made where it is absent.
    pub(super) tag: Option<Spanned<PartEntry>>,
    /// The digest, with `sha256:` or without.
    pub(super) digest: Option<Spanned<PartEntry>>,
    /// The pull policy.
    pub(super) image_pull_policy: Option<Spanned<PartEntry>>,
    /// The pull secrets.
    pub(super) image_pull_secrets: Option<Spanned<SecretsEntry>>,
    /// Whether the chart has no key for the pull secrets of what runs the image, so that those that a
    /// mirror needs are reported.
    #[serde(default)]
    pub(super) no_pull_secrets: bool,
    /// Pods in which the chart runs the image as well and gives no pull secrets, in words: those that a
    /// mirror needs are reported there, as `unseen-pull-secret`.
    pub(super) unlisted_pods: Option<String>,
    /// A path: where it is set, the image is not used.
    pub(super) unless: Option<Spanned<String>>,
    /// The switch that has to be `true` for the image to run; else keys that are absent are not made.
    pub(super) enabled_by: Option<Spanned<PartEntry>>,
    /// The first version of the chart that has the image. Quote it.
    pub(super) since: Option<Spanned<String>>,
    /// The last version of the chart that has the image; `"41"` takes every version of 41. Quote it.
    pub(super) until: Option<Spanned<String>>,
    /// What to write instead, in words: the keys are not made where they are absent, since they would
    /// change more than the name, and this is reported.
    pub(super) instead: Option<String>,
}

/// Where a part of an image is written: a path, or one with its default and its rivals.
#[derive(Deserialize)]
pub(super) enum PartEntry {
    /// The path alone.
    #[serde(rename = "$text")]
    Path(String),
    /// More than the path.
    #[serde(rename = "path")]
    Full(FullPart),
    /// What the chart writes there whatever its values say.
    #[serde(rename = "literal")]
    Literal(LiteralPart),
}

/// A part of an image that no value can change.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LiteralPart {
    /// The text.
    pub(super) literal: String,
}

/// Where a part of an image is written, and what else decides it.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct FullPart {
    /// The documented key, as Helm's `--set` writes it: `agent.image.repository`, a dot in a key as
    /// `\.`. It is made where the part is written nowhere.
    pub(super) path: Spanned<String>,
    /// What the chart's own values have there; left out for nothing.
    pub(super) default: Option<String>,
    /// What older versions of the chart have there.
    #[serde(default)]
    pub(super) earlier: Vec<EarlierEntry>,
    /// What the chart has there instead, where another value says so: the first entry that fits.
    #[serde(default)]
    pub(super) default_by: Vec<DefaultByEntry>,
    /// Values without which the default is not known: where one of them is another one, no key is made,
    /// and this is reported.
    #[serde(default)]
    pub(super) known_where: Vec<KnownWhereEntry>,
    /// Whether the chart takes the default where the key is empty, too.
    #[serde(default)]
    pub(super) default_where_empty: bool,
    /// Keys that win over it where they are set, the first one first.
    #[serde(default)]
    pub(super) overridden_by: Vec<Spanned<String>>,
    /// Keys that are read where it is empty.
    #[serde(default)]
    pub(super) fallbacks: Vec<Spanned<String>>,
}

/// What older versions of a chart have at a key.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct EarlierEntry {
    /// The last version of the chart that has it; `"41"` takes every version of 41. Quote it.
    pub(super) until: Spanned<String>,
    /// What it has; where it is left out, that depends on what nobody knows.
    pub(super) default: Option<String>,
    /// What it has instead, where another value says so.
    #[serde(default)]
    pub(super) default_by: Vec<DefaultByEntry>,
}

/// Another default, where a value of the chart says so.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DefaultByEntry {
    /// The value's key.
    pub(super) path: Spanned<String>,
    /// What it has to be.
    pub(super) value: String,
    /// The default then.
    pub(super) default: String,
}

/// A value that a default depends on.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct KnownWhereEntry {
    /// Its key.
    pub(super) path: Spanned<String>,
    /// What it has to be, which is what the chart has there.
    pub(super) value: String,
}

/// Where pull secrets are listed: a path, or one with its rivals.
#[derive(Deserialize)]
pub(super) enum SecretsEntry {
    /// The path alone.
    #[serde(rename = "$text")]
    Path(String),
    /// More than the path.
    #[serde(rename = "path")]
    Full(FullSecrets),
}

/// Where pull secrets are listed, and what else decides them.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct FullSecrets {
    /// The documented list: secrets are added to the list that counts, and here where there is none.
    pub(super) path: Spanned<String>,
    /// Lists that hide it where they hold anything, the first one first.
    #[serde(default)]
    pub(super) overridden_by: Vec<Spanned<String>>,
    /// Lists that are read where it is empty.
    #[serde(default)]
    pub(super) fallbacks: Vec<Spanned<String>>,
    /// Lists that the chart adds to it.
    #[serde(default)]
    pub(super) joined_with: Vec<Spanned<String>>,
    /// How the chart wants the entries of a new list.
    #[serde(default)]
    pub(super) form: FormWord,
    /// What to do instead, in words: the chart has a secret of its own where nothing is listed, so that
    /// no list is made or filled that would take its place, and this is reported.
    pub(super) instead: Option<String>,
}

/// How pull secrets are written.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename = "form", rename_all = "camelCase")]
pub(super) enum FormWord {
    /// A list of `{name: SECRET}`.
    #[default]
    Mappings,
    /// A list of names.
    Names,
    /// One text, with the name of one secret.
    Text,
}

/// The variant is chosen by the shape of the value.
impl JsonSchema for PartEntry {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "PartEntry".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let full = generator.subschema_for::<FullPart>();
        let literal = generator.subschema_for::<LiteralPart>();
        one_of(
            "Where a part of an image is written: a path, one with its default and its rivals, or a text \
             that no value changes.",
            vec![full, literal],
        )
    }
}

impl JsonSchema for SecretsEntry {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "SecretsEntry".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let full = generator.subschema_for::<FullSecrets>();
        one_of(
            "Where pull secrets are listed: a path, or one with its rivals.",
            vec![full],
        )
    }
}

fn one_of(description: &str, others: Vec<Schema>) -> Schema {
    let path = json_schema!({
        "type": "string",
        "description": "The path, as Helm's `--set` writes it.",
    });
    let forms: Vec<Schema> = std::iter::once(path).chain(others).collect();
    json_schema!({ "description": description, "oneOf": forms })
}
