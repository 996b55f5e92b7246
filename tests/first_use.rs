//! What somebody meets who has just begun: each stumble of a first hour, with what is said of it.

mod arguments;
mod exceptions;
mod remedies;
mod told;
mod words;

use std::fs;

use tempfile::TempDir;

use crate::support::{assert_text_eq, folder_of, run, run_in_folder};

const NO_CONFIGURATION: &str =
    "configuration: none, so every built-in agent is looked for and no mirror is known";

fn pod(image: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  containers:\n  - name: agent\n    image: {image}\n"
    )
}

fn config(agent: &str) -> String {
    format!(
        "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {{name: c}}\nspec:\n  agents: [{agent}]\n"
    )
}

/// A repository of files, each with its text.
fn tree(files: &[(&str, &str)]) -> TempDir {
    let folder = folder_of(files);
    fs::create_dir(folder.path().join(".git")).expect("a repository");
    folder
}

/// What a command in a folder writes to both streams, and its exit code.
#[track_caller]
fn check(folder: &TempDir, line: &str, expected: &str) {
    check_given(folder, line, "", expected);
}

#[track_caller]
fn check_given(folder: &TempDir, line: &str, stdin: &str, expected: &str) {
    let words: Vec<&str> = line.split(' ').collect();
    let run = run_in_folder(folder.path(), &words, stdin.as_bytes());
    let out = String::from_utf8(run.stdout).expect("UTF-8");
    assert_text_eq(&format!("{out}{}exit {}", run.stderr, run.code), expected);
}

#[test]
fn the_configuration_that_was_used_is_said() {
    let good = pod("realtheory/theory-k8s-collector\n    imagePullPolicy: Always");
    let config = config("realtheory-collector");
    for name in [
        "restore-images.yaml",
        "restore-images.yml",
        ".restore-images.yaml",
        ".restore-images.yml",
    ] {
        let folder = tree(&[("pod.yaml", &good), (name, &config)]);
        check(
            &folder,
            "check",
            &format!("configuration: {name}\nnothing to restore in 1 file, 1 image read\nexit 0"),
        );
    }
}

#[test]
fn a_configuration_that_is_not_used_is_named() {
    let good = pod("realtheory/theory-k8s-collector\n    imagePullPolicy: Always");
    let config = config("realtheory-collector");
    let folder = tree(&[("pod.yaml", &good), ("conf/restore-images.yaml", &config)]);
    check(
        &folder,
        "check",
        &format!(
            "{NO_CONFIGURATION}; conf/restore-images.yaml is one: give it with --config\n\
             nothing to restore in 1 file, 1 image read\nexit 0"
        ),
    );
    check(
        &folder,
        "check -c conf/restore-images.yaml",
        "configuration: conf/restore-images.yaml\nnothing to restore in 1 file, 1 image read\nexit 0",
    );
    let folder = tree(&[("a.yaml", &config), ("b.yaml", &config), ("p.yaml", &good)]);
    check(
        &folder,
        "check",
        &format!(
            "{NO_CONFIGURATION}; a.yaml is one of 2: give one with --config\n\
             nothing to restore in 1 file, 1 image read\nexit 0"
        ),
    );
}

#[test]
fn what_naming_an_agent_does_is_what_is_said() {
    let image = "registry.example.com/x/datadog/agent:7.50.0";
    let folder = tree(&[("pod.yaml", &pod(image))]);
    check(
        &folder,
        "check --format short",
        &format!(
            "pod.yaml:7:12: warning: Pod p: container agent: {image} is on a host that no rule names \
             and stays as it is: declare it with `source: registry.datadoghq.com` and \
             `mirror: registry.example.com/x/datadog`, or name the agent datadog to restore \
             registry.datadoghq.com/agent:7.50.0 [undeclared-mirror]\n\
             {NO_CONFIGURATION}\n1 warning in 1 file, 1 image read\nexit 0"
        ),
    );
    fs::write(folder.path().join("restore-images.yaml"), config("datadog")).expect("written");
    check(
        &folder,
        "fix",
        &format!(
            "pod.yaml:7:12: restored: Pod p: container agent: wrong registry or path: {image} → \
             registry.datadoghq.com/agent:7.50.0 [wrong-registry]\n\n\
             configuration: restore-images.yaml\n\
             1 image restored in 1 file, 1 image read\nexit 0"
        ),
    );
}

#[test]
fn a_part_of_a_tree_does_not_miss_what_runs_elsewhere() {
    let good = pod("realtheory/theory-k8s-collector\n    imagePullPolicy: Always");
    let folder = tree(&[
        ("overlays/dev/pod.yaml", &pod("nginx")),
        ("base/pod.yaml", &good),
        ("restore-images.yaml", &config("datadog")),
    ]);
    check(
        &folder,
        "check overlays",
        "configuration: restore-images.yaml\nnothing to restore in 1 file, 1 image read\nexit 0",
    );
    check(
        &folder,
        "check --format short",
        "restore-images.yaml: warning: the agent datadog is named in the configuration and was not found in these manifests (remove it, or set unmatchedAgents to ignore if they are only a part) [unmatched-agent]\n\
         configuration: restore-images.yaml\n\
         1 warning in the configuration, none in 2 files, 2 images read\nexit 0",
    );
    // Nor what may run in a file that could not be read.
    fs::write(
        folder.path().join("base/pod.yaml"),
        "apiVersion: v1\nkind: Pod\nkind: Pod\n",
    )
    .expect("written");
    check(
        &folder,
        "check --format short",
        "base/pod.yaml:3:1: error: the key `kind` stands twice in one mapping: readers disagree on which of the two counts: remove one\n\
         configuration: restore-images.yaml\n\
         nothing to restore in what could be read, 1 unreadable, 1 image read\nexit 2",
    );
}

#[test]
fn a_run_that_looked_at_nothing_says_so() {
    let folder = tree(&[]);
    let nothing = format!("{NO_CONFIGURATION}\nno manifest was looked at");
    check(
        &folder,
        "check",
        &format!("{nothing}, 0 images read\nexit 0"),
    );
    check(&folder, "fix", &format!("{nothing}, 0 images read\nexit 0"));
    check(
        &folder,
        "check --fail-empty",
        &format!("{nothing}, 0 images read\nexit 3"),
    );
    check(
        &folder,
        "fix --fail-empty",
        &format!("{nothing}, 0 images read\nexit 3"),
    );
    let folder = tree(&[("values.yaml", "a: 1\n")]);
    check(
        &folder,
        "images --format csv",
        "file,line,column,apiVersion,kind,namespace,name,container,path,image,official,agent,desired,state,role,imagePullPolicy,desiredPullPolicy\n\
         no manifest was looked at\nhelp: `restore-images check --verbose` says what was skipped, and why\nexit 0",
    );
    check(
        &folder,
        "check --fail-empty",
        &format!("{nothing}, 1 skipped: --verbose, 0 images read\nexit 3"),
    );
    let folder = tree(&[("broken.yaml", "apiVersion: v1\nkind: [\n")]);
    check(
        &folder,
        "check --fail-empty --format short",
        &format!(
            "broken.yaml:2:7: error: unclosed bracket '[': the text is not YAML at this place: fix it\n\
             {nothing}, 1 unreadable, 0 images read\nexit 2"
        ),
    );
    fs::write(folder.path().join("pod.yaml"), pod("nginx")).expect("written");
    check(
        &folder,
        "check --format short",
        &format!(
            "broken.yaml:2:7: error: unclosed bracket '[': the text is not YAML at this place: fix it\n\
             {NO_CONFIGURATION}\n\
             nothing to restore in what could be read, 1 unreadable, 1 image read\nexit 2"
        ),
    );
    check(
        &folder,
        "check pod.yaml --fail-empty",
        &format!("{NO_CONFIGURATION}\nnothing to restore in 1 file, 1 image read\nexit 0"),
    );
}

#[test]
fn warnings_that_a_diff_does_not_show_are_not_lost() {
    let folder = tree(&[(
        "pod.yaml",
        &pod("registry.example.com/x/datadog/agent:7.50.0"),
    )]);
    check(
        &folder,
        "fix --diff",
        &format!(
            "{NO_CONFIGURATION}\nnothing to restore in 1 file, 1 warning, 1 image read\n\
             the warnings are shown by --verbose, and by `restore-images check`\nexit 0"
        ),
    );
}

#[test]
fn what_is_no_configuration_and_no_command_gets_the_right_advice() {
    let folder = tree(&[("pod.yaml", &pod("nginx"))]);
    check_given(
        &folder,
        "pod.yaml",
        &pod("nginx"),
        "pod.yaml:2:7: kind: `Pod` is not known\n\
         help: to look at a manifest, write `restore-images check FILE`; for a configuration, write \
         `kind: RestoreImages` and `apiVersion: restore-images.dev/v1alpha1`\nexit 2",
    );
    for (word, command) in [
        ("diff", "fix --diff"),
        ("generate", "render -c GENERATE.yaml FILE"),
        ("lint", "check"),
        ("list", "images"),
        ("scan", "check"),
        ("validate", "check"),
        ("version", "--version"),
        ("why", "explain"),
        ("chek", "check"),
        ("inti", "init"),
    ] {
        check(
            &folder,
            word,
            &format!(
                "`{word}` is neither a command nor a file\nhelp: did you mean `restore-images {command}`?\nexit 2"
            ),
        );
    }
    fs::create_dir(folder.path().join("apps")).expect("a folder");
    check(
        &folder,
        "render apps",
        "apps: is a folder, and a file is needed here\n\
         help: name a file in it; for the manifests of a whole folder, use `restore-images check apps`\nexit 2",
    );
    let shallow =
        "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nagents: [datadog]\n";
    fs::write(folder.path().join("restore-images.yaml"), shallow).expect("written");
    check(
        &folder,
        "check",
        "restore-images.yaml:3:1: agents: unknown key `agents`\n\
         help: put `agents:` under `spec:`\nexit 2",
    );
}

#[test]
fn an_agent_that_is_not_in_play_is_told_from_none() {
    let folder = tree(&[("restore-images.yaml", &config("realtheory-collector"))]);
    let run = run_in_folder(
        folder.path(),
        &["explain", "registry.datadoghq.com/agent:7"],
        b"",
    );
    assert_text_eq(
        &String::from_utf8(run.stdout).expect("UTF-8"),
        "registry.datadoghq.com/agent:7\n\n  \
         canonical  registry.datadoghq.com/agent:7\n  \
         official   registry.datadoghq.com/agent\n             \
         it is under no rule's mirror\n  \
         agent      none\n             \
         no profile in play names the repository; built in, and not named under `agents`: datadog\n  \
         rule       none\n             \
         no rule with `scope: all` matches\n  \
         result     registry.datadoghq.com/agent:7\n             \
         as it is\n",
    );
}

#[test]
fn a_rule_is_explained_by_its_page() {
    let link = regex::Regex::new(r"\[([^\]\n]+)\]\([^)]+\)").expect("a pattern");
    for rule in restore_images::finding::Rule::all() {
        let page = format!("docs/findings/{}.md", rule.group().page());
        let group = fs::read_to_string(page).expect("the page");
        let shown = run(&["explain", rule.id()], b"");
        let shown = String::from_utf8(shown.stdout).expect("UTF-8");
        let (id, page) = shown.split_once('\n').expect("a page");
        assert_eq!(id, rule.id());
        assert!(!shown.contains("]("), "{shown}");
        let group = link.replace_all(&group, "$1");
        assert!(group.contains(&format!("\n## {id}\n{page}")), "{shown}");
    }
}

#[test]
fn a_function_says_what_it_did_if_it_is_asked_to() {
    let config = |more: &str| format!("{}{more}", config("realtheory-collector"));
    for (more, image, expected) in [
        (
            "  summary: true\n",
            "realtheory/theory-k8s-collector:v1",
            "restore-images: 1 image restored, 1 warning\n",
        ),
        (
            "  summary: true\n  mode: check\n",
            "nginx",
            "restore-images: nothing to restore, 1 warning\n",
        ),
        ("", "realtheory/theory-k8s-collector:v1", ""),
    ] {
        let function = config(more).replace('\n', "\n  ");
        let item = pod(image).replace('\n', "\n  ");
        let list = format!(
            "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nfunctionConfig:\n  {function}\nitems:\n- {item}\n"
        );
        let run = run(&[], list.as_bytes());
        let said = run
            .stderr
            .lines()
            .filter(|line| line.starts_with("restore-images: "));
        let said: String = said.map(|line| format!("{line}\n")).collect();
        assert_text_eq(&said, expected);
        assert_eq!(run.code, 0, "{}", run.stderr);
    }
}

#[test]
fn every_key_of_the_spec_is_sent_there() {
    let schema = String::from_utf8(run(&["schema"], b"").stdout).expect("UTF-8");
    let schema: serde_json::Value = serde_json::from_str(&schema).expect("JSON");
    let keys = schema["definitions"]["Spec"]["properties"].as_object();
    for key in keys.expect("keys").keys() {
        let config =
            format!("apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\n{key}: 1\n");
        let folder = tree(&[("restore-images.yaml", &config)]);
        check(
            &folder,
            "check",
            &format!(
                "restore-images.yaml:3:1: {key}: unknown key `{key}`\nhelp: put `{key}:` under `spec:`\nexit 2"
            ),
        );
    }
}

#[test]
fn every_help_fits_eighty_columns() {
    let commands = run(&["--help"], b"");
    let help = String::from_utf8(commands.stdout).expect("UTF-8");
    let is_command = |line: &&str| line.starts_with("  ") && !line.starts_with("   ");
    let names = help.lines().skip_while(|line| *line != "Check and fix:");
    let names = names
        .take_while(|line| *line != "Arguments:")
        .filter(is_command);
    let names: Vec<&str> = names
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect();
    assert!(names.contains(&"explain") && names.len() > 8, "{help}");
    for words in std::iter::once(vec![])
        .chain(names.iter().map(|name| vec![*name]))
        .chain([vec!["agents", "verify"]])
    {
        let shown = run(&[&words[..], &["--help"]].concat(), b"");
        for line in String::from_utf8(shown.stdout).expect("UTF-8").lines() {
            assert!(line.chars().count() <= 80, "{words:?}: {line}");
        }
    }
}
