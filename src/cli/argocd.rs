//! Entry point for Argo CD's config-management server: takes parameters from the environment, and
//! reads nothing outside the application's folder.
//!
//! A tenant fills that folder and writes the parameters; the operator writes plugin.yaml, and with
//! it the arguments.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use super::input::JoinedInput;
use super::parameters::{self, Parameters};
use super::program::{self, Bounds};
use super::working_copy;

/// Bytes of a configuration file beyond which it is not read: 1 MiB.
const MAX_CONFIG: u64 = 1 << 20;

/// Bytes of manifests beyond which they are not read: 100 MiB, the most that the server sends on.
const MAX_MANIFESTS: u64 = 100 << 20;

/// The configuration that the operator gives as an argument, or the application as parameters.
pub(super) fn configuration(argument: Option<&Path>) -> Result<Option<JoinedInput>> {
    let given = match std::env::var_os(parameters::VARIABLE) {
        Some(json) => parameters::read(&json.to_string_lossy())?,
        None => Parameters::None,
    };
    match (argument, given) {
        (None, Parameters::None) => Ok(None),
        (None, Parameters::File(path)) => file(Path::new(&path)).map(Some),
        (None, Parameters::ConfigMap(text)) => {
            JoinedInput::of_one(parameters::VARIABLE, text.into_bytes()).map(Some)
        }
        // An absolute path is the operator's own; any other leads into the tenant's folder.
        (Some(path), Parameters::None) if path.is_absolute() => JoinedInput::file(path).map(Some),
        (Some(path), Parameters::None) => file(path).map(Some),
        (Some(_), _) => bail!(
            "{}: the plugin brings its own configuration, so parameters cannot change it\n\
             help: remove the parameters, or ask whoever runs Argo CD",
            parameters::VARIABLE
        ),
    }
}

fn file(path: &Path) -> Result<JoinedInput> {
    let bytes = working_copy::read(path, MAX_CONFIG)?;
    JoinedInput::of_one(&path.display().to_string(), bytes)
}

/// Manifests that an earlier step of the plugin wrote: files, or every file below a folder.
pub(super) fn manifests(paths: &[PathBuf]) -> Result<JoinedInput> {
    let mut left = MAX_MANIFESTS;
    let mut inputs = Vec::new();
    for path in paths {
        for file in working_copy::files(path)? {
            let bytes = working_copy::read(&file, left)?;
            left -= bytes.len() as u64;
            inputs.push(JoinedInput::of_one(&file.display().to_string(), bytes)?);
        }
    }
    not_empty(JoinedInput::joined(inputs))
}

/// The manifests that a program writes to its standard output.
///
/// The program is the operator's, who names it in plugin.yaml. It is run here because a step of its
/// own would have to leave its output in a file, and a tenant's repository may hold a link of that
/// file's name, through which the program would write wherever it leads.
pub(super) fn rendered(command: &[OsString]) -> Result<JoinedInput> {
    let Some((program, arguments)) = command.split_first() else {
        bail!("--run: names no program");
    };
    let arguments = arguments.iter().filter_map(expanded);
    let name = program.to_string_lossy().into_owned();
    let bounds = Bounds {
        most: MAX_MANIFESTS,
        time: None,
    };
    let ended = program::run(Command::new(program).args(arguments), &name, bounds)?;
    if !ended.status.success() {
        match ended.status.code() {
            Some(code) => bail!("{name}: failed with exit code {code}"),
            None => bail!("{name}: was ended by a signal"),
        }
    }
    not_empty(JoinedInput::of_one(&name, ended.output)?)
}

/// The variable that names the application, after its namespace and `_` where that is not Argo CD's own.
/// Argo CD's releases have the name alone.
const NAME: &str = "ARGOCD_APP_NAME";

/// The Argo CD variables that an argument may reference as `$(NAME)`: those that Argo CD itself
/// passes to Helm. The application controls the first two, which are expanded within one argument.
const VARIABLES: [&str; 4] = [
    NAME,
    "ARGOCD_APP_NAMESPACE",
    "KUBE_VERSION",
    "KUBE_API_VERSIONS",
];

/// An argument with the value of the variable that it names; `None` where that is not set.
fn expanded(argument: &OsString) -> Option<OsString> {
    let text = argument.to_string_lossy();
    let named = VARIABLES.iter().find_map(|name| {
        let (before, after) = text.split_once(&format!("$({name})"))?;
        Some((name, before, after))
    });
    let Some((name, before, after)) = named else {
        return Some(argument.clone());
    };
    let mut value = std::env::var(name).ok().filter(|value| !value.is_empty())?;
    if *name == NAME
        && let Some((_, alone)) = value.split_once('_')
    {
        value = alone.to_owned();
    }
    Some(format!("{before}{value}{after}").into())
}

fn not_empty(all: JoinedInput) -> Result<JoinedInput> {
    if all.text.lines().all(is_empty) {
        bail!(
            "no manifest was rendered\n\
             help: Argo CD reads empty output as a request to delete every resource of the \
             application; see what the step before wrote"
        );
    }
    Ok(all)
}

/// Whether a line holds nothing of a document.
fn is_empty(line: &str) -> bool {
    let line = line.trim_start_matches('\u{feff}').trim();
    matches!(line, "" | "---" | "..." | "null" | "~") || line.starts_with(['#', '%'])
}
