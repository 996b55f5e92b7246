//! The parameters of an Argo CD application, from JSON to the ConfigMap that says the same.
//!
//! ```text
//! [{"name": "agents", "array": ["realtheory-collector"]}, {"name": "mode", "string": "check"}]
//! ```

use std::collections::HashSet;
use std::fmt::Write as _;

use anyhow::{Result, bail};
use serde_json::{Map, Value};

use crate::error::Fault;
use crate::quote;
use crate::report::text;
use crate::suggest;

/// The variable in which the config-management server hands them over.
pub(super) const VARIABLE: &str = "ARGOCD_APP_PARAMETERS";

/// Bytes beyond which they are not read: 128 KiB, the most that Linux puts into one variable.
const MAX_BYTES: usize = 128 << 10;

/// The prefix of parameters that are meant for other commands of the plugin.
const FOREIGN: &str = "x-";

/// What a parameter may be given as.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ParameterForm {
    /// A string.
    Text,
    /// An array, or a string with commas.
    List,
    /// A map, or a string of `source=mirror` with commas.
    Pairs,
}

/// The parameters that function/plugin.yaml announces; a test compares the two.
const KNOWN: &[(&str, ParameterForm)] = &[
    ("agents", ParameterForm::List),
    ("config", ParameterForm::Text),
    ("imagePullSecrets", ParameterForm::List),
    ("mode", ParameterForm::Text),
    ("registries", ParameterForm::Pairs),
    ("undeclaredMirrors", ParameterForm::Text),
];

/// What the parameters come to.
pub(super) enum Parameters {
    /// Nothing is set.
    None,
    /// The path of a configuration.
    File(String),
    /// A ConfigMap with the parameters as its data.
    ConfigMap(String),
}

/// Reads the parameters; empty ones count as left out, since Argo CD's form sends what was cleared.
pub(super) fn read(json: &str) -> Result<Parameters> {
    let mut file = None;
    let mut data = String::new();
    let mut seen = HashSet::new();
    for entry in &entries(json)? {
        let Some(name) = entry.get("name").and_then(Value::as_str) else {
            bail!("{VARIABLE}: a parameter has no name\nhelp: add `name:` to it");
        };
        if name.starts_with(FOREIGN) {
            continue;
        }
        let form = form(name)?;
        if !seen.insert(name) {
            bail!("parameter {name}: given twice\nhelp: keep one of them");
        }
        let Some(value) = value(name, form, entry)? else {
            continue;
        };
        if name == "config" {
            file = Some(value);
        } else {
            // A JSON string is a double-quoted scalar of YAML.
            let _ = writeln!(data, "  {name}: {}", Value::String(value));
        }
    }
    match (file, data.is_empty()) {
        (None, true) => Ok(Parameters::None),
        (Some(path), true) => Ok(Parameters::File(path)),
        (None, false) => {
            let head = "apiVersion: v1\nkind: ConfigMap\ndata:\n";
            Ok(Parameters::ConfigMap(format!("{head}{data}")))
        }
        (Some(_), false) => bail!(
            "parameter config: stands beside other parameters\n\
             help: write them into the file that it names"
        ),
    }
}

fn entries(json: &str) -> Result<Vec<Map<String, Value>>> {
    if json.len() > MAX_BYTES {
        bail!(
            "{VARIABLE}: longer than {MAX_BYTES} bytes\n\
             help: write a file and name it by the parameter config"
        );
    }
    let help =
        "help: Argo CD writes a list of parameters there, from spec.source.plugin.parameters";
    match serde_json::from_str(json) {
        Ok(Value::Null) => Ok(Vec::new()),
        Ok(Value::Array(items)) => {
            let entries = items.into_iter().map(|item| match item {
                Value::Object(entry) => Ok(entry),
                other => bail!("{VARIABLE}: a parameter is {}\n{help}", found(&other)),
            });
            entries.collect()
        }
        Ok(other) => bail!(
            "{VARIABLE}: expected a list, found {}\n{help}",
            found(&other)
        ),
        // Only the place: the text itself may be a secret that was pasted by mistake.
        Err(error) => bail!(
            "{VARIABLE}: not JSON, line {} column {}\n{help}",
            error.line(),
            error.column()
        ),
    }
}

fn form(name: &str) -> Result<ParameterForm> {
    if let Some((_, form)) = KNOWN.iter().find(|(known, _)| *known == name) {
        return Ok(*form);
    }
    let known: Vec<&str> = KNOWN.iter().map(|(known, _)| *known).collect();
    let remedy = match suggest::nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known: {}", known.join(", ")),
    };
    bail!(
        "parameter {}: not known\n\
         help: {remedy}; one for other commands of the plugin begins with `{FOREIGN}`",
        text::one_line(&quote::short(name, 60))
    )
}

/// The value as a ConfigMap's text.
fn value(name: &str, form: ParameterForm, entry: &Map<String, Value>) -> Result<Option<String>> {
    let given = entry.iter().filter(|(key, value)| {
        *key != "name"
            && match value {
                Value::Null => false,
                Value::String(text) => !text.is_empty(),
                Value::Array(items) => !items.is_empty(),
                Value::Object(pairs) => !pairs.is_empty(),
                _ => true,
            }
    });
    let given: Vec<(&str, &Value)> = given.map(|(key, value)| (key.as_str(), value)).collect();
    let value = match (form, given.as_slice()) {
        (_, []) => return Ok(None),
        (_, [("string", Value::String(text))]) => text.clone(),
        (ParameterForm::List, [("array", Value::Array(items))]) => {
            let items = items.iter().map(|item| part(name, item, &[',', '\n']));
            items.collect::<Result<Vec<_>>>()?.join("\n")
        }
        (ParameterForm::Pairs, [("map", Value::Object(pairs))]) => {
            let pairs = pairs.iter().map(|(source, mirror)| {
                let source = part(name, &Value::String(source.clone()), &[',', '\n', '='])?;
                Ok(format!("{source}={}", part(name, mirror, &[',', '\n'])?))
            });
            pairs.collect::<Result<Vec<_>>>()?.join("\n")
        }
        (_, given) => {
            let given: Vec<&str> = given.iter().map(|(key, _)| *key).collect();
            let form = match form {
                ParameterForm::Text => "a `string`",
                ParameterForm::List => "an `array` of text, or a `string` with commas",
                ParameterForm::Pairs => {
                    "a `map` from source to mirror, or a `string` of `source=mirror`"
                }
            };
            bail!(
                "parameter {name}: given as {}\nhelp: write it as {form}",
                text::one_line(&quote::short(&given.join(" and "), 60))
            );
        }
    };
    if value.chars().any(|c| c.is_control() && c != '\n') {
        bail!("parameter {name}: holds a control character\nhelp: remove it");
    }
    Ok(Some(value))
}

/// One entry of a list or one side of a pair.
fn part(name: &str, value: &Value, separators: &[char]) -> Result<String> {
    let Value::String(text) = value else {
        bail!(
            "parameter {name}: expected text, found {}\nhelp: quote it",
            found(value)
        );
    };
    if let Some(separator) = text.chars().find(|c| separators.contains(c)) {
        bail!("parameter {name}: {separator:?} stands in an entry\nhelp: give each its own entry");
    }
    Ok(text.trim().to_owned())
}

fn found(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a map",
    }
}

/// What the library finds wrong with the ConfigMap, in the words of parameters.
pub(super) fn fault(fault: &Fault) -> String {
    let place = match fault.key.strip_prefix("data.") {
        Some(name) => format!("parameter {name}"),
        None => VARIABLE.to_owned(),
    };
    let fault = Fault {
        key: Box::default(),
        ..fault.clone()
    };
    text::fault(&fault, &place, None)
}
