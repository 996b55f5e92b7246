//! What the program says of itself: schemas, completions, manual pages.

use anyhow::{Context, Result, bail};
use clap::CommandFactory;

use crate::cli::args::{Args, SchemaOf};
use crate::cli::terminal::print;
use crate::{config, report};

/// Prints a JSON Schema.
pub(in crate::cli) fn schema(of: SchemaOf) -> Result<u8> {
    let schema = match of {
        SchemaOf::Config => config::schema::of_configuration(),
        SchemaOf::Profile => config::schema::of_profile(),
        SchemaOf::Report => report::json::schema(),
    };
    let text = serde_json::to_string_pretty(&schema).context("cannot write the schema")?;
    print(&format!("{text}\n"))?;
    Ok(0)
}

/// Prints a shell's completions.
pub(in crate::cli) fn completions(shell: clap_complete::Shell) -> Result<u8> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "restore-images", &mut text);
    print(&String::from_utf8_lossy(&text))?;
    Ok(0)
}

/// Prints the manual page of the program or of one command.
pub(in crate::cli) fn man(name: Option<&str>) -> Result<u8> {
    let mut all = Args::command();
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
        .render(&mut text)
        .context("cannot write the manual page")?;
    print(&String::from_utf8_lossy(&text))?;
    Ok(0)
}
