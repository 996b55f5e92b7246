//! `export`: the mapping rules of a configuration for another program, and what that is not told.

use anyhow::Result;

use super::explain;
use super::files::Setting;
use crate::cli::args::{self, ExportTo};
use crate::cli::{say, terminal};
use crate::exchange::{To, written};

/// Prints the file; what it does not say is no error.
pub(in crate::cli) fn run(words: &args::Export, setting: Setting) -> Result<u8> {
    let config = explain::config(words.config.as_deref(), setting)?;
    let to = match words.to {
        ExportTo::RegistriesConf => To::RegistriesConf,
        ExportTo::Idms => To::Idms,
        ExportTo::Itms => To::Itms,
        ExportTo::RegistryAliases => To::RegistryAliases,
    };
    let (text, left) = written(to, &config.rules, &config.plain_http_registries);
    terminal::print_document(&text)?;
    left.iter().for_each(|left| say(&format!("export: {left}")));
    Ok(0)
}
