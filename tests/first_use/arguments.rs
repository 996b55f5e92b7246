//! Arguments that cannot be followed: each answer says which command, what is wrong, and what to do.

use super::{check, config, tree};

#[test]
fn what_is_missing_is_named_with_what_to_write() {
    let folder = tree(&[]);
    for (line, missing, help) in [
        (
            "render -c c.yaml",
            "render: <FILE>",
            "name files of manifests; standard input is `-`: `restore-images render -c CONFIG -`",
        ),
        (
            "render --run kustomize build",
            "render: --argocd",
            "`--run` goes with `--argocd`; elsewhere write `PROGRAM | restore-images render -c CONFIG -`",
        ),
        (
            "--today 2026-11-21 check --render-timeout 5",
            "check: --rendered",
            "`--render-timeout` is for builds: write `--rendered`, too, or leave it out",
        ),
        (
            "report",
            "report: <FILE>",
            "name reports that `restore-images check --format json` wrote; standard input is `-`",
        ),
        (
            "import",
            "import: <FILE>",
            "name files in which another program keeps its mirrors, such as registries.conf; `restore-images import --help` lists them",
        ),
        (
            "export",
            "export: --to <FORMAT>",
            "name the format: `restore-images export --help` lists them",
        ),
        (
            "agents verify",
            "agents verify: --against <DIR>",
            "name the folder in which repositories of vendors are checked out as OWNER/REPO",
        ),
        (
            "completions",
            "completions: <SHELL>",
            "name the shell: bash, elvish, fish, powershell or zsh",
        ),
    ] {
        check(
            &folder,
            line,
            &format!("restore-images {missing} is missing\nhelp: {help}\nexit 2"),
        );
    }
}

#[test]
fn what_does_not_go_together_is_named() {
    let folder = tree(&[("c.yaml", &config("realtheory-collector")), ("d.yaml", "")]);
    for (line, said) in [
        (
            "check -q -v",
            "restore-images check: --quiet and --verbose exclude each other\nhelp: keep one of them",
        ),
        (
            "check -c c.yaml -c d.yaml",
            "restore-images check: --config <FILE> is given twice\nhelp: keep one of them",
        ),
        (
            "c.yaml d.yaml",
            "d.yaml: follows c.yaml, the configuration of a stream, which is read from standard input\n\
             help: for files, write `restore-images fix --config c.yaml d.yaml`, or `render` to get them as a stream",
        ),
        (
            "c.yaml check",
            "c.yaml: the configuration of a stream stands before a command\n\
             help: write the command first, and `--config c.yaml` behind it",
        ),
        (
            "check - d.yaml",
            "`-` is standard input, and stands beside other paths\nhelp: give it alone, or give files",
        ),
    ] {
        check(&folder, line, &format!("{said}\nexit 2"));
    }
}

#[test]
fn what_a_command_does_not_take_is_not_offered_as_a_value() {
    let folder = tree(&[]);
    for (line, said) in [
        (
            "import --format x",
            "restore-images import: unexpected argument '--format'\nhelp: `restore-images import --help` lists what it takes",
        ),
        (
            "export -c c.yaml",
            "restore-images export: unexpected argument '-c'\nhelp: `restore-images export --help` lists what it takes",
        ),
        (
            "mirror look",
            "restore-images mirror: there is no command `look`\nhelp: `restore-images mirror --help` lists those there are",
        ),
        (
            "help look",
            "restore-images: there is no command `look`\nhelp: `restore-images --help` lists those there are",
        ),
    ] {
        check(&folder, line, &format!("{said}\nexit 2"));
    }
}

/// What was passed over, and why, is a word away.
#[test]
fn a_run_over_nothing_says_how_to_see_what_was_skipped() {
    let folder = tree(&[("bad.yaml", "a: [1\nb: 2\n")]);
    let none = super::NO_CONFIGURATION;
    check(
        &folder,
        "check bad.yaml",
        &format!("{none}\nno manifest was looked at, 1 skipped: --verbose, 0 images read\nexit 0"),
    );
}

/// What holds for every command may stand before it.
#[test]
fn common_options_stand_before_a_command_or_behind_it() {
    let folder = tree(&[("a.yaml", "a: 1\n")]);
    for line in [
        "--color never --today 2026-11-21 check",
        "check --color never --today 2026-11-21",
    ] {
        let none = super::NO_CONFIGURATION;
        check(
            &folder,
            line,
            &format!(
                "{none}\nno manifest was looked at, 1 skipped: --verbose, 0 images read\nexit 0"
            ),
        );
    }
}
