//! What programs read: each format against its schema, and the schemas against what they describe.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use jsonschema::Validator;
use restore_images::agent;
use restore_images::config::schema;
use restore_images::finding::Rule;
use restore_images::mirror;
use restore_images::report;
use restore_images::yaml::parse;
use serde_json::{Value, json};

use crate::support::schemas::value;
use crate::support::{assert_text_eq, copy_of, run, run_in_folder};

#[track_caller]
fn assert_valid(schema: &Validator, value: &Value, what: &str) {
    let errors: Vec<String> = schema
        .iter_errors(value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{what}:\n{}", errors.join("\n"));
}

fn printed(args: &[&str]) -> String {
    let run = run(args, b"");
    assert_eq!(run.code, 0, "{}", run.stderr);
    String::from_utf8(run.stdout).expect("UTF-8")
}

fn validator(of: &str) -> Validator {
    let schema: Value = serde_json::from_str(&printed(&["schema", of])).expect("JSON");
    jsonschema::meta::validate(&schema).expect("the schema is one");
    jsonschema::validator_for(&schema).expect("the schema is one")
}

/// A report of every state that a file can be in.
fn written(format: &str) -> String {
    let folder = copy_of("tests/cases/formats/in");
    let run = run_in_folder(folder.path(), &["check", "--format", format], b"");
    assert_eq!(run.code, 2, "{}", run.stderr);
    String::from_utf8(run.stdout).expect("UTF-8")
}

/// The schema of OASIS, as the package that the tests depend on carries it.
fn sarif_schema() -> Validator {
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    let metadata: Value = serde_json::from_slice(&metadata.stdout).expect("JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let package = packages
        .iter()
        .find(|package| package["name"] == "serde-sarif")
        .expect("the package");
    let manifest = Path::new(package["manifest_path"].as_str().expect("a path"));
    let path = manifest.with_file_name("src").join("schema.json");
    let schema = fs::read_to_string(path).expect("the schema");
    let mut schema: Value = serde_json::from_str(&schema).expect("JSON");
    // Its pattern for languages has a bracket too many, and is not a regular expression.
    for definition in ["run", "toolComponent"] {
        let language = &mut schema["definitions"][definition]["properties"]["language"];
        language
            .as_object_mut()
            .expect("an object")
            .remove("pattern");
    }
    jsonschema::validator_for(&schema).expect("a schema")
}

#[test]
fn sarif_is_valid_and_carries_fixes_and_help() {
    let log: Value = serde_json::from_str(&written("sarif")).expect("JSON");
    let schema = sarif_schema();
    assert_valid(&schema, &log, "the log");
    let run = &log["runs"][0];
    let results = run["results"].as_array().expect("results");
    assert_eq!(results.len(), 2);
    assert!(
        results
            .iter()
            .all(|result| result["fixes"][0]["artifactChanges"][0]["replacements"][0].is_object())
    );
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    assert_eq!(rules.len(), Rule::all().count());
    for result in results {
        let index =
            usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("small");
        assert_eq!(rules[index]["id"], result["ruleId"]);
    }
    // The schema refuses what is none.
    let mut broken = log.clone();
    broken["runs"][0]["results"][0]["level"] = json!("fatal");
    assert!(!schema.is_valid(&broken));
}

#[test]
fn the_json_report_is_what_its_schema_says() {
    let schema = validator("report");
    let document: Value = serde_json::from_str(&written("json")).expect("JSON");
    assert_valid(&schema, &document, "the report");
    assert!(!schema.is_valid(&json!({"version": 1})));
}

#[test]
fn junit_is_xml_with_a_case_for_each_finding() {
    let text = written("junit");
    let xml = quick_junit::Report::deserialize_from_str(&text).expect("JUnit");
    assert_eq!((xml.tests, xml.failures, xml.errors), (3, 2, 1));
}

fn documents(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).expect("a text");
    let documents = parse::documents(&text);
    documents.map_or(Vec::new(), |documents| {
        documents.iter().map(value).collect()
    })
}

/// Every YAML file below a folder.
fn yaml_files(folder: &str) -> Vec<PathBuf> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|extension| extension == "yaml")
            {
                found.push(path);
            }
        }
    }
    found
}

#[test]
fn every_configuration_of_the_examples_is_what_the_schema_says() {
    let kinds = ["RestoreImages", "GenerateImages", "AgentProfile"];
    let schemas = ["config", "generate", "profile"].map(validator);
    let mut found = [0; 3];
    for path in yaml_files("examples") {
        for document in documents(&path) {
            let kind = kinds.iter().position(|kind| document["kind"] == *kind);
            if let Some(kind) = kind {
                assert_valid(&schemas[kind], &document, &path.display().to_string());
                found[kind] += 1;
            }
        }
    }
    assert!(found[0] >= 8 && found[1] >= 1, "{found:?}");
}

#[test]
fn every_built_in_profile_is_what_the_schema_says() {
    let schema = validator("profile");
    for name in agent::builtin_names() {
        let text = agent::builtin_text(name).expect("a text");
        let node = parse::document(text).expect("YAML");
        assert_valid(&schema, &value(&node), name);
    }
}

/// What the program refuses, the schema refuses, as far as a schema can tell.
#[test]
fn the_schema_refuses_what_the_program_refuses() {
    let schema = validator("config");
    let head = json!({"apiVersion": "restore-images.dev/v1alpha1", "kind": "RestoreImages"});
    for spec in [
        json!({"agnets": []}),
        json!({"mode": "fix"}),
        json!({"agents": [{"profile": "datadog", "tag": "flaoting"}]}),
        json!({"agents": [{"name": "ours"}]}),
        json!({"registries": [{"source": "docker.io"}]}),
        json!({"registries": [{"source": "docker.io", "mirror": "m.example.com", "scope": "some"}]}),
        json!({"exceptions": [{"reason": "r"}]}),
        json!({"exceptions": [{"reason": "r", "name": "n", "allow": ["tags"]}]}),
        json!({"output": "some"}),
    ] {
        let mut document = head.clone();
        document["spec"] = spec.clone();
        assert!(!schema.is_valid(&document), "{spec}");
        assert_eq!(code_with(&document), 2, "{spec}");
    }
    let mut legal = head;
    legal["spec"] =
        json!({"agents": ["wiz-sensor", {"profile": "datadog", "tag": "pinned", "pin": "1.2"}]});
    assert_valid(&schema, &legal, "a legal one");
    assert_eq!(code_with(&legal), 0);
}

/// The exit code for a stream with this configuration.
fn code_with(config: &Value) -> i32 {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("c.json"), config.to_string()).expect("written");
    let stream = b"{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}\n";
    run_in_folder(folder.path(), &["c.json"], stream).code
}

#[test]
fn completions_and_manual_pages_know_every_command() {
    let commands = [
        "fix", "check", "images", "report", "explain", "agents", "init", "render", "schema",
    ];
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = printed(&["completions", shell]);
        for command in commands {
            assert!(script.contains(command), "{shell}: {command}");
        }
    }
    let page = printed(&["man"]);
    for command in commands {
        assert!(page.contains(command), "{command}");
        let own = printed(&["man", command]);
        assert!(own.starts_with(".ie"), "{command}: {own}");
        assert!(
            own.contains("OPTIONS") || own.contains("ARGUMENTS"),
            "{command}"
        );
    }
}

#[test]
fn a_number_where_text_is_meant_is_told_apart() {
    let node = parse::document("a: 1.10\nb: \"1.10\"\nc: yes\nd: null\ne: true\n").expect("YAML");
    assert_text_eq(
        &value(&node).to_string(),
        r#"{"a":1.1,"b":"1.10","c":"yes","d":null,"e":true}"#,
    );
}

/// The committed schemas, which the program prints, are those of its types. RESTORE_IMAGES_UPDATE=1
/// writes them anew; the program has to be built again then.
#[test]
fn the_schemas_in_function_are_current() {
    let schemas = [
        ("config", "schema.json", schema::of_configuration()),
        ("generate", "generate.schema.json", schema::of_generator()),
        ("profile", "agent-profile.schema.json", schema::of_profile()),
        ("report", "report.schema.json", report::json::schema()),
        ("joined", "joined.schema.json", report::joined::schema()),
        ("mirror", "mirror.schema.json", mirror::report::schema()),
    ];
    let schemas = schemas.map(|(of, file, made)| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("function")
            .join(file);
        let made = serde_json::to_string_pretty(&made).expect("JSON") + "\n";
        if std::env::var_os("RESTORE_IMAGES_UPDATE").is_some() {
            fs::write(&path, &made).expect("written");
        }
        (of, path, made)
    });
    for (of, path, made) in schemas {
        assert_text_eq(&made, &fs::read_to_string(path).expect("a schema"));
        assert_text_eq(&made, &printed(&["schema", of]));
    }
}

/// The schema in the definition is the one of the types, without references.
#[test]
fn the_function_definition_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("function/definition.yaml");
    let definition = documents(&path).remove(0);
    let own = serde_json::to_value(schema::openapi_of_configuration()).expect("JSON");
    let text = serde_json::to_string_pretty(&own).expect("JSON");
    if std::env::var_os("RESTORE_IMAGES_UPDATE").is_some() {
        let old = fs::read_to_string(&path).expect("a text");
        let (head, _) = old.split_once("openAPIV3Schema:").expect("the schema");
        // JSON is YAML; its lines are moved under their key.
        let lines = text.lines().map(|line| format!("          {line}\n"));
        let new = format!("{head}openAPIV3Schema:\n{}", lines.collect::<String>());
        fs::write(&path, new).expect("written");
    }
    let version = &definition["spec"]["versions"][0];
    assert!(!text.contains("$ref"));
    assert!(
        version["schema"]["openAPIV3Schema"] == own,
        "the schema is stale: RESTORE_IMAGES_UPDATE=1 writes it anew"
    );
    assert_eq!(definition["apiVersion"], "config.kubernetes.io/v1alpha1");
    assert_eq!(definition["kind"], "KRMFunctionDefinition");
    // What the schema of definitions requires (kyaml).
    for key in ["group", "names", "description", "publisher", "versions"] {
        assert!(!definition["spec"][key].is_null(), "{key}");
    }
    for key in [
        "name",
        "schema",
        "idempotent",
        "runtime",
        "usage",
        "examples",
        "license",
    ] {
        assert!(!version[key].is_null(), "{key}");
    }
    assert_eq!(version["name"], "v1alpha1");
    for example in version["examples"].as_array().expect("examples") {
        let (_, path) = example
            .as_str()
            .expect("a path")
            .split_once("/main/")
            .expect("a path");
        assert!(
            Path::new(env!("CARGO_MANIFEST_DIR")).join(path).is_file(),
            "{path}"
        );
    }
}

/// Where an alias keeps one image from being restored, the edits of the others are still their own.
#[test]
fn edits_belong_to_their_finding_where_another_is_left_alone() {
    let pod = |name: &str, annotations: &str, spec: &str| {
        format!(
            "- apiVersion: v1\n  kind: Pod\n  metadata: {{name: {name}, annotations: {{{annotations}}}}}\n  spec: {spec}\n"
        )
    };
    let containers = |tag: &str| {
        format!(
            "\n    containers:\n    - name: c\n      image: realtheory/theory-k8s-collector:{tag}\n      imagePullPolicy: Always"
        )
    };
    let input = format!(
        "apiVersion: v1\nkind: List\nitems:\n{}{}{}",
        pod("a", "", &format!("&s{}", containers("v1"))),
        pod("b", "restore-images.dev/ignore: kept", "*s"),
        pod("c", "", &containers("v2")),
    );
    let run = run(&["check", "--format", "json", "-"], input.as_bytes());
    assert_eq!(run.code, 1, "{}", run.stderr);
    let report: Value = serde_json::from_slice(&run.stdout).expect("a report");
    let findings = report["files"][0]["findings"].as_array().expect("findings");
    let found: Vec<(&str, &str)> = findings
        .iter()
        .map(|finding| {
            let text = finding["edits"][0]["text"].as_str().unwrap_or_default();
            (finding["rule"].as_str().expect("a rule"), text)
        })
        .collect();
    assert!(
        found.contains(&("unresolved-image", ""))
            && found.contains(&("pinned-tag", "realtheory/theory-k8s-collector")),
        "{found:?}"
    );
}

/// A case fails where the run does.
#[test]
fn junit_fails_from_the_severity_that_was_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec:\n  template:\n    spec:\n      containers:\n      - {name: c, image: 'mirror.example.com/realtheory/theory-k8s-collector', imagePullPolicy: Always}\n";
    fs::write(folder.path().join("a.yaml"), text).expect("written");
    for (words, failures, code) in [(&[][..], 0, 0), (&["--fail-on", "warning"][..], 1, 1)] {
        let args = [&["check", "--format", "junit"], words].concat();
        let run = run_in_folder(folder.path(), &args, b"");
        let stdout = String::from_utf8(run.stdout).expect("UTF-8");
        let suite = format!(
            "<testsuite name=\"restore-images\" tests=\"1\" skipped=\"0\" errors=\"0\" failures=\"{failures}\">"
        );
        assert!(stdout.contains(&suite), "{stdout}");
        assert_eq!(run.code, code);
    }
}
