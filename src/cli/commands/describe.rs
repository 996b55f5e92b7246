//! Commands that describe the program: schemas, shell completions and manual pages.

use anyhow::{Context, Result, bail};
use clap::CommandFactory;

use crate::cli::args::{Cli, SchemaOf};
use crate::cli::terminal::print_document;

/// Prints a JSON Schema: the committed one, which a test holds against the types, so that what makes
/// it is no part of the program.
pub(in crate::cli) fn schema(of: SchemaOf) -> Result<u8> {
    print_document(match of {
        SchemaOf::Config => include_str!("../../../function/schema.json"),
        SchemaOf::Generate => include_str!("../../../function/generate.schema.json"),
        SchemaOf::Profile => include_str!("../../../function/agent-profile.schema.json"),
        SchemaOf::Report => include_str!("../../../function/report.schema.json"),
        SchemaOf::Joined => include_str!("../../../function/joined.schema.json"),
        #[cfg(feature = "mirror")]
        SchemaOf::Mirror => include_str!("../../../function/mirror.schema.json"),
    })?;
    Ok(0)
}

/// Prints a shell's completions.
pub(in crate::cli) fn completions(shell: clap_complete::Shell) -> Result<u8> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "restore-images", &mut text);
    print_document(&String::from_utf8_lossy(&text))?;
    Ok(0)
}

/// Prints the manual page of the program or of one command.
pub(in crate::cli) fn man(name: Option<&str>) -> Result<u8> {
    let mut all = Cli::command();
    all.build();
    let command = match name {
        None => all,
        Some(name) => match all.find_subcommand(name) {
            Some(command) => command.clone(),
            None => bail!("there is no command `{name}`: see restore-images --help"),
        },
    };
    let mut text = Vec::new();
    clap_mangen::Man::new(command)
        .source(concat!("restore-images ", env!("CARGO_PKG_VERSION")))
        .render(&mut text)
        .context("cannot write the manual page")?;
    print_document(&String::from_utf8_lossy(&text))?;
    Ok(0)
}
