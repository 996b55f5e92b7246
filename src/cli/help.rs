//! The help of the program: examples first, then the commands by what people want to do.

use clap::{Arg, CommandFactory};

use super::args::{Cli, EXAMPLES, EXIT_CODES};

/// What the program is for, on lines of 80 columns.
const ABOUT: &str = "\
Brings monitoring agents' images, tags, pull policies and pull secrets back to
what their vendors and your registry rules say, and touches no other byte";

/// The commands of each group; one that is in none comes last.
const GROUPS: &[(&str, &[&str])] = &[
    (
        "Check and fix",
        &["init", "check", "fix", "images", "mirror", "report"],
    ),
    ("Ask", &["explain", "agents"]),
    ("In a pipeline", &["render"]),
    (
        "For your tools",
        &["import", "export", "schema", "completions", "man", "help"],
    ),
];

/// The program's words, with its help in order; `name` is what the program was called by.
pub(super) fn command(name: &str) -> clap::Command {
    let mut command = Cli::command();
    command.build();
    let commands = commands(&command);
    let template = format!(
        "{ABOUT}\n\n{EXAMPLES}\n\n\
         {{usage-heading}} {name} [OPTIONS] [CONFIG]\n       {name} <COMMAND>\n\n{commands}\
         Arguments:\n{{positionals}}\n\nOptions:\n{{options}}\n\n{EXIT_CODES}\n"
    );
    let all = Cli::command().help_template(template);
    wrapped(all)
}

/// A command whose options' texts, and those of its own commands, fit beside them.
fn wrapped(command: clap::Command) -> clap::Command {
    command.mut_args(in_lines).mut_subcommands(wrapped)
}

/// The columns of an option's text: what options of 80 columns leave.
const COLUMNS: usize = 46;

/// An option whose text fits beside it, with its default.
fn in_lines(option: Arg) -> Arg {
    let Some(text) = option.get_help() else {
        return option;
    };
    let text = text.to_string();
    let mut words: Vec<&str> = text.split(' ').collect();
    let defaults = option.get_default_values().iter();
    let defaults: Vec<_> = defaults.map(|value| value.to_string_lossy()).collect();
    let is_shown = !defaults.is_empty() && option.get_action().takes_values();
    let default = format!("[default: {}]", defaults.join(" "));
    if is_shown {
        words.push(&default);
    }
    let mut lines = vec![String::new()];
    for word in words {
        let line = lines.last_mut().filter(|line| {
            line.is_empty() || line.chars().count() + 1 + word.chars().count() <= COLUMNS
        });
        match line {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) => {
                line.push(' ');
                line.push_str(word);
            }
            None => lines.push(word.to_owned()),
        }
    }
    let option = option.help(lines.join("\n"));
    if is_shown {
        option.hide_default_value(true)
    } else {
        option
    }
}

fn commands(program: &clap::Command) -> String {
    let all = || program.get_subcommands();
    let width = all().map(|command| command.get_name().len()).max();
    let width = width.unwrap_or_default();
    let line = |command: &clap::Command| {
        let about = command.get_about().map(ToString::to_string);
        let name = command.get_name();
        format!("  {name:width$}  {}\n", about.unwrap_or_default())
    };
    let mut text = String::new();
    for (group, names) in GROUPS {
        text += &format!("{group}:\n");
        let found = names
            .iter()
            .filter_map(|name| program.find_subcommand(name));
        found.for_each(|command| text += &line(command));
        text.push('\n');
    }
    let is_grouped = |name: &str| GROUPS.iter().any(|(_, names)| names.contains(&name));
    let mut others =
        all().filter(|command| !is_grouped(command.get_name()) && !command.is_hide_set());
    if let Some(first) = others.next() {
        text += "Others:\n";
        text += &line(first);
        others.for_each(|command| text += &line(command));
        text.push('\n');
    }
    text
}
