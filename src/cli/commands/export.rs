//! `export`: the mapping rules of a configuration for another program, and what its format cannot say.

use std::path::PathBuf;

use anyhow::{Result, bail};

use super::GlobalOptions;
use super::explain;
use crate::cli::args::{self, ExportTo};
use crate::cli::{found, say, terminal};
use crate::exchange::{To, written};

/// Prints the file; what its format cannot say is reported, and no error.
pub(in crate::cli) fn run(args: &args::Export, options: GlobalOptions) -> Result<u8> {
    if args.config.is_none() && found::config(None, &[PathBuf::from(".")])?.is_none() {
        let names = found::CONFIG_NAMES[0];
        bail!(
            "no configuration is here\nhelp: name it, or go to the folder of {names}; `restore-images \
             init` proposes one"
        );
    }
    let config = explain::config(args.config.as_deref(), options)?;
    let to = match args.to {
        ExportTo::RegistriesConf => To::RegistriesConf,
        ExportTo::Idms => To::Idms,
        ExportTo::Itms => To::Itms,
        ExportTo::RegistryAliases => To::RegistryAliases,
    };
    let (text, left) = written(to, &config.rules, &config.plain_http_registries);
    terminal::print_document(&text)?;
    if config.rules.iter().next().is_none() {
        say("export: the configuration has no rules under `registries`");
    }
    left.iter().for_each(|left| say(&format!("export: {left}")));
    Ok(0)
}
