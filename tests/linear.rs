//! What an input takes grows as the input does, or it is refused: n, 2n and 4n of what once took
//! n² or worse, in counted instructions.
//!
//! valgrind counts them: of the very program, with all that it calls, so that no count in its code has to be
//! kept true, and alike on a busy machine and an idle one. `benches/instructions` has it note the callers,
//! too, which takes nearly twice the time.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::{assert_text_eq, binary, finish, run, tool};

const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: realtheorycollector}\nspec:\n";
const CONTAINER: &str =
    "{name: realtheorycollector, image: docker.io/realtheory/theory-k8s-collector:v1}";
const LIST: &str = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n";

/// What is run: arguments, in a folder of files, on standard input.
#[derive(Default)]
struct Case {
    args: Vec<&'static str>,
    file: Option<String>,
    kustomization: Option<String>,
    stdin: String,
}

fn stream(stdin: String) -> Case {
    Case {
        stdin,
        ..Case::default()
    }
}

/// The instructions of a run, which ends with `code` and says `said`.
#[track_caller]
fn instructions(valgrind: &Path, case: &Case, code: i32, said: &str) -> u64 {
    let folder = tempfile::tempdir().expect("a folder");
    if let Some(text) = &case.file {
        fs::write(folder.path().join("a.yaml"), text).expect("written");
    }
    if let Some(text) = &case.kustomization {
        fs::write(folder.path().join("kustomization.yaml"), text).expect("written");
    }
    let mut command = Command::new(valgrind);
    command
        .args([
            "--tool=cachegrind",
            "--cache-sim=no",
            "--cachegrind-out-file=/dev/null",
        ])
        .arg(binary())
        .current_dir(folder.path());
    let run = finish(&mut command, &case.args, case.stdin.as_bytes());
    assert_eq!(
        run.code,
        code,
        "{}",
        &run.stderr[..run.stderr.len().min(2000)]
    );
    assert!(run.stderr.contains(said), "{said}\n{}", run.stderr);
    let (_, counted) = run.stderr.rsplit_once("refs:").expect("a count");
    let counted = counted.split_whitespace().next().expect("a number");
    counted.replace(',', "").parse().expect("a number")
}

/// Runs a case with n, 2n and 4n, and asks that the step to 4n takes about twice that to 2n: it would
/// be four times as much if the work grew as n².
#[track_caller]
fn check(n: usize, code: i32, said: &str, case: impl Fn(usize) -> Case) {
    /// What differs from run to run, as hash tables do.
    const NOISE: u64 = 500_000;
    let Some(valgrind) = tool("valgrind") else {
        return;
    };
    let [one, two, four] = [n, 2 * n, 4 * n].map(|n| instructions(&valgrind, &case(n), code, said));
    let (first, second) = (two.saturating_sub(one), four.saturating_sub(two));
    assert!(
        second * 10 <= first * 26 + NOISE,
        "{n}: {one} instructions, {}: {two}, {}: {four}",
        2 * n,
        4 * n
    );
}

fn repeated(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(line).collect()
}

fn joined(count: usize, word: impl Fn(usize) -> String) -> String {
    (0..count).map(word).collect::<Vec<_>>().join(", ")
}

#[test]
fn at_signs_before_an_image() {
    check(2_000, 0, "`***@evil.example/a:v1` is not an image", |n| {
        let image = format!("{}evil.example/a:v1", "@".repeat(n));
        stream(format!(
            "{POD}  containers:\n  - {{name: realtheorycollector, image: '{image}'}}\n"
        ))
    });
}

const REPEATED: &str = "aliases and merge keys repeat more keys than a text of this size may";

/// A mapping of so many keys.
fn wide(keys: usize) -> String {
    format!("{{{}}}", joined(keys, |n| format!("k{n}: 1")))
}

#[test]
fn containers_that_merge_a_large_mapping() {
    check(300, 2, REPEATED, |n| {
        let (large, lines) = (wide(n), "  - {<<: *m}\n".repeat(n));
        stream(format!("{POD}  m: &m {large}\n  containers:\n{lines}"))
    });
}

#[test]
fn mappings_of_no_container_that_merge_a_large_one() {
    check(300, 2, REPEATED, |n| {
        let (large, lines) = (wide(n), "  - {<<: *m}\n".repeat(n));
        stream(format!(
            "{POD}  m: &m {large}\n  containers:\n  - {CONTAINER}\n  x:\n{lines}"
        ))
    });
}

#[test]
fn aliases_of_one_large_container() {
    check(300, 2, REPEATED, |n| {
        let (large, aliases) = (wide(n), "  - *c\n".repeat(n));
        stream(format!("{POD}  containers:\n  - &c {large}\n{aliases}"))
    });
}

#[test]
fn resources_that_merge_a_large_mapping() {
    check(300, 2, REPEATED, |n| {
        let (large, items) = (wide(n), "- {<<: *m}\n".repeat(n));
        stream(format!(
            "apiVersion: v1\nkind: List\nm: &m {large}\nitems:\n{items}"
        ))
    });
}

/// What merges are written for is in no limit's way.
#[test]
fn mappings_of_usual_size_are_merged_as_often_as_is_written() {
    let lines = "  - {<<: *m, name: realtheorycollector}\n".repeat(500);
    let common =
        "{image: a, env: [], args: [], ports: [], resources: {}, tty: false, stdin: false}";
    let text = format!("{POD}  m: &m {common}\n  containers:\n{lines}");
    let run = run(&[], text.as_bytes());
    assert_eq!(run.code, 0, "{}", run.stderr);
}

/// A configuration with image paths of a kind, and a resource of that kind with a list.
fn with_paths(paths: &[String], list: &str) -> Case {
    let fields: String = paths
        .iter()
        .map(|path| format!("    - {{apiVersion: g.example/v1, kind: K, image: \"{path}\"}}\n"))
        .collect();
    configured(
        &format!("    fields:\n{fields}"),
        &format!("- apiVersion: g.example/v1\n  kind: K\n  a:\n{list}"),
    )
}

const ITEM: &str = "    - {name: x, image: example.com/team/agent:v1}\n";

#[test]
fn a_filter_over_a_long_list() {
    check(100, 0, "", |n| {
        let path = "$.a[?@.name == 'x' && search(@.image, 'te[ab]m')].image".to_owned();
        with_paths(&[path], &ITEM.repeat(n))
    });
}

#[test]
fn filters_that_count_all_there_is() {
    let said = "stdin:10:56: spec.fields[0].image: `$.a[?count($..*)>1].image`: `count` is not read here: \
                of the functions, `match` and `search` are\n\
                help: write a path such as `$.spec.image` or `$.spec.images[*]`\n";
    check(500, 2, said, |n| {
        with_paths(&["$.a[?count($..*)>1].image".to_owned()], &ITEM.repeat(n))
    });
}

#[test]
fn regular_expressions_whose_repetitions_multiply() {
    let said = "the regular expression is too large: repetitions multiply\n";
    check(125, 2, said, |n| {
        let path = "$.a[?search(@.image,'((a{1,100}){1,100}){1,100}')].image";
        with_paths(&[path.to_owned()], &ITEM.repeat(n))
    });
}

const PATHS: &str = "takes more steps here than paths may for the bytes of this text";

#[test]
fn many_paths_over_a_long_list() {
    let paths: Vec<String> = (0..500).map(|n| format!("$.a[?@.b=={n}].image")).collect();
    check(1_500, 2, PATHS, |n| {
        with_paths(&paths, &"    - {}\n".repeat(n))
    });
}

#[test]
fn init_of_many_images() {
    check(250, 0, "", |n| {
        let container = |n| {
            format!(
                "  - {{name: c{n}, image: r{n}.example.com/realtheory/theory-k8s-collector:v1}}\n"
            )
        };
        Case {
            args: vec!["init", "."],
            file: Some(format!("{POD}  containers:\n{}", repeated(n, container))),
            ..Case::default()
        }
    });
}

/// A ResourceList with a configuration.
fn configured(spec: &str, items: &str) -> Case {
    stream(format!(
        "{LIST}functionConfig:\n  apiVersion: restore-images.dev/v1alpha1\n  kind: RestoreImages\n  \
         metadata: {{name: c}}\n  spec:\n    agents: [realtheory-collector]\n{spec}items:\n{items}"
    ))
}

#[test]
fn many_pull_secrets_in_many_pods() {
    check(100, 0, "", |n| {
        let wanted = joined(n, |n| format!("w{n}"));
        let listed = joined(n, |n| format!("{{name: l{n}}}"));
        let spec = format!(
            "    registries: [{{source: docker.io, mirror: m.example, imagePullSecrets: [{wanted}]}}]\n"
        );
        let pod = format!(
            "- apiVersion: v1\n  kind: Pod\n  metadata: {{name: realtheorycollector}}\n  spec:\n    \
             imagePullSecrets: [{listed}]\n    containers: [{CONTAINER}]\n"
        );
        configured(&spec, &pod.repeat(10))
    });
}

#[test]
fn fields_of_many_kinds() {
    check(100, 0, "", |n| {
        let field =
            |n| format!("    - {{apiVersion: g{n}.example/v1, kind: K{n}, image: $.spec.image}}\n");
        let item = |n| {
            format!(
                "- {{apiVersion: g{n}.example/v1, kind: K{n}, spec: {{image: realtheory/theory-k8s-collector}}}}\n"
            )
        };
        configured(
            &format!("    fields:\n{}", repeated(n, field)),
            &repeated(n, item),
        )
    });
}

#[test]
fn fields_of_one_kind() {
    let field = |n| format!("    - {{apiVersion: g.example/v1, kind: K, image: $.spec.i{n}}}\n");
    let fields = format!("    fields:\n{}", repeated(400, field));
    check(3_000, 2, PATHS, |n| {
        let item = format!(
            "- {{apiVersion: g.example/v1, kind: K, spec: {}}}\n",
            wide(n)
        );
        configured(&fields, &item)
    });
}

/// The message in full, with the place of the value that the path came by last.
#[test]
fn a_path_beyond_its_budget_is_named() {
    let paths: Vec<String> = (0..500).map(|n| format!("$.a[?@.b=={n}].image")).collect();
    let case = with_paths(&paths, &"    - {}\n".repeat(1_500));
    let run = run(&[], case.stdin.as_bytes());
    assert_eq!((run.code, run.stdout.len()), (2, 0));
    let (place, rest) = run.stderr.split_once(": ").expect("a place");
    assert!(place.starts_with("stdin:"), "{place}");
    let (path, rest) = rest.split_once("].image` ").expect("a path");
    assert!(path.starts_with("the path `$.a[?@.b=="), "{path}");
    assert_text_eq(
        rest,
        &format!(
            "{PATHS}\nhelp: give fewer paths, or a shorter one: in `fields` of the configuration, \
             or in `helm` of a profile\n"
        ),
    );
}

/// Each layer takes the one below twice, so that the last one has 2^30 resources: what is known of it is
/// that it is not read.
#[test]
fn layers_that_double_their_resources_are_not_followed() {
    let folder = tempfile::tempdir().expect("a folder");
    let put = |name: String, files: &[(&str, String)]| {
        let at = folder.path().join(name);
        fs::create_dir(&at).expect("a folder");
        for (name, text) in files {
            fs::write(at.join(name), text).expect("written");
        }
    };
    let pod = format!("{POD}  containers: [{CONTAINER}]\n");
    let kustomization = "resources: [a.yaml]\n".to_owned();
    put(
        "l0".to_owned(),
        &[("a.yaml", pod), ("kustomization.yaml", kustomization)],
    );
    for layer in 1..=30 {
        for prefix in ["a", "b"] {
            let text = format!("resources: [../l{}]\nnamePrefix: {prefix}\n", layer - 1);
            put(format!("l{layer}{prefix}"), &[("kustomization.yaml", text)]);
        }
        let text = format!("resources: [../l{layer}a, ../l{layer}b]\n");
        put(format!("l{layer}"), &[("kustomization.yaml", text)]);
    }
    let run = crate::support::run_in_folder(folder.path(), &["check", "--format", "short"], b"");
    let stdout = String::from_utf8(run.stdout).expect("UTF-8");
    let told = "is not followed to its end, since its resources multiply with its layers, patches or expressions: see what comes out with `check --rendered` [unfollowed-build]";
    assert!(stdout.contains(told), "{stdout}");
    // The manifest itself is judged as the layers that were followed make it.
    assert!(stdout.contains("l0/a.yaml:5:51:"), "{stdout}");
    assert_eq!(run.code, 1);
}

/// Each name is tried on each image, since it may match any.
#[test]
fn a_list_of_expressions_over_many_images_is_not_followed() {
    let folder = tempfile::tempdir().expect("a folder");
    let pods = repeated(1_000, |i| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: p{i}}}\nspec:\n  containers: [{CONTAINER}]\n---\n"
        )
    });
    let entries = repeated(1_000, |i| format!("- {{name: (a|b){i}, newTag: v2}}\n"));
    let kustomization = format!("resources: [a.yaml]\nimages:\n{entries}");
    for (name, text) in [("a.yaml", pods), ("kustomization.yaml", kustomization)] {
        fs::write(folder.path().join(name), text).expect("written");
    }
    let run = crate::support::run_in_folder(folder.path(), &["check", "--format", "short"], b"");
    let stdout = String::from_utf8(run.stdout).expect("UTF-8");
    let told = "kustomization.yaml is not followed to its end, since its resources multiply with its layers, patches or expressions: see what comes out with `check --rendered` [unfollowed-build]";
    assert!(stdout.contains(told), "{stdout}");
}

/// Each set may build any folder with its list.
#[test]
fn many_sets_with_a_variable_in_their_paths_are_not_followed() {
    let folder = tempfile::tempdir().expect("a folder");
    let put = |path: String, text: String| {
        let at = folder.path().join(path);
        fs::create_dir_all(at.parent().expect("a folder")).expect("a folder");
        fs::write(at, text).expect("written");
    };
    for i in 0..150 {
        let pod = format!("{POD}  containers: [{CONTAINER}]\n");
        put(format!("apps/a{i}/a.yaml"), pod);
        let kustomization = "resources: [a.yaml]\n".to_owned();
        put(format!("apps/a{i}/kustomization.yaml"), kustomization);
        let set = format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: s{i}}}\nspec:\n  template:\n    spec:\n      source: {{repoURL: x, path: 'apps/{{{{x}}}}', kustomize: {{images: ['realtheory/theory-k8s-collector=realtheory/theory-k8s-collector:v2']}}}}\n"
        );
        put(format!("sets/s{i}.yaml"), set);
    }
    let run = crate::support::run_in_folder(folder.path(), &["fix", "--format", "short"], b"");
    let stdout = String::from_utf8(run.stdout).expect("UTF-8");
    let told = "left, since an object with a variable in its path, of which too many may build the folder to be followed, may change it";
    assert!(stdout.contains(told), "{stdout}");
    assert_eq!(run.code, 1);
    let pod = fs::read_to_string(folder.path().join("apps/a0/a.yaml")).expect("a text");
    assert!(pod.contains(CONTAINER), "{pod}");
}

/// Every key of a mapping is looked up, and one that is there twice is refused.
#[test]
fn a_built_config_map_of_many_keys() {
    check(1_000, 0, "", |n| {
        let keys = repeated(n, |i| format!("  key-{i:08}: v\n"));
        Case {
            args: vec!["check"],
            file: Some(format!(
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: m}}\ndata:\n{keys}"
            )),
            kustomization: Some("resources: [a.yaml]\n".to_owned()),
            ..Case::default()
        }
    });
}

/// Each image in a text of a build is told where it stands in the file.
#[test]
fn many_images_in_a_text_of_a_build() {
    check(100, 1, "", |n| {
        let pods = repeated(n, |i| {
            format!(
                "    ---\n    apiVersion: v1\n    kind: Pod\n    metadata: {{name: p{i}}}\n    spec:\n      containers:\n      - {CONTAINER}\n"
            )
        });
        Case {
            args: vec!["check"],
            file: Some(format!(
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: m}}\ndata:\n  cronjobTemplate: |\n{pods}"
            )),
            kustomization: Some("resources: [a.yaml]\n".to_owned()),
            ..Case::default()
        }
    });
}

/// The edits of a patch in one line of text, and those of many operations.
#[test]
fn inline_patches_with_many_images() {
    let one_line = |n: usize| {
        let containers = repeated(n, |i| {
            format!(
                "      - name: c{i}\\n        image: docker.io/realtheory/theory-k8s-collector:v1\\n"
            )
        });
        format!(
            "- patch: \"apiVersion: apps/v1\\nkind: Deployment\\nmetadata: {{name: w}}\\nspec:\\n  template:\\n    spec:\\n      containers:\\n{containers}\"\n"
        )
    };
    let operations = |n: usize| {
        let operations = repeated(n, |i| {
            format!(
                "    - {{op: add, path: /spec/template/spec/containers/0, value: {{name: c{i}, image: 'docker.io/realtheory/theory-k8s-collector:v1'}}}}\n"
            )
        });
        format!("- target: {{kind: Deployment}}\n  patch: |-\n{operations}")
    };
    let patches: [&dyn Fn(usize) -> String; 2] = [&one_line, &operations];
    for patch in patches {
        check(100, 1, "", |n| {
            Case {
            args: vec!["check", "--format", "json"],
            file: Some("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: w}\nspec: {template: {spec: {containers: [{name: w, image: w}]}}}\n".to_owned()),
            kustomization: Some(format!("resources: [a.yaml]\npatches:\n{}", patch(n))),
            ..Case::default()
        }
        });
    }
}

/// Layers of aliases, of which each repeats the one below twice.
#[test]
fn a_patch_of_post_renderers_that_doubles() {
    check(4, 0, "", |n| {
        let layers = repeated(n, |i| {
            format!("          a{}: &a{} [*a{i}, *a{i}]\n", i + 1, i + 1)
        });
        let release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: r}\nspec:\n  chart: {spec: {chart: c}}\n";
        let patch = "  postRenderers:\n  - kustomize:\n      patches:\n      - patch: |\n          kind: Deployment\n          a0: &a0 {image: x}\n";
        stream(format!("{release}{patch}{layers}"))
    });
}

/// Every change of a build is tried, and each attempt reads the whole file again.
#[test]
fn a_file_of_many_documents_in_a_build() {
    check(100, 1, "", |n| Case {
        args: vec!["check", "--format", "json"],
        file: Some(repeated(n, |i| {
            format!(
                "apiVersion: v1\nkind: Pod\nmetadata: {{name: p{i}}}\nspec:\n  containers: [{CONTAINER}]\n---\n"
            )
        })),
        kustomization: Some("resources: [a.yaml]\n".to_owned()),
        ..Case::default()
    });
}

/// Each image is looked up among the entries of a list.
#[test]
fn a_list_of_as_many_entries_as_images() {
    check(200, 1, "", |n| Case {
        args: vec!["check", "--format", "json"],
        file: Some(repeated(n, |i| {
            format!(
                "apiVersion: v1\nkind: Pod\nmetadata: {{name: p{i}}}\nspec:\n  containers: [{{name: realtheorycollector, image: r{i}.example.com/realtheory/theory-k8s-collector:v1}}]\n---\n"
            )
        })),
        kustomization: Some(format!(
            "resources: [a.yaml]\nimages:\n{}",
            repeated(n, |i| format!(
                "- {{name: r{i}.example.com/realtheory/theory-k8s-collector, newTag: v2}}\n"
            ))
        )),
        ..Case::default()
    });
}

/// The resources that a replacement means are looked up by their names.
#[test]
fn as_many_replacements_as_resources() {
    check(200, 1, "", |n| Case {
        args: vec!["check", "--format", "json"],
        file: Some(repeated(n, |i| {
            format!(
                "apiVersion: v1\nkind: Pod\nmetadata: {{name: p{i}}}\nspec:\n  containers: [{CONTAINER}]\n---\n"
            )
        })),
        kustomization: Some(format!(
            "resources: [a.yaml]\nreplacements:\n{}",
            repeated(n, |i| format!(
                "- {{source: {{kind: Pod, name: p{i}}}, targets: [{{select: {{kind: Pod, name: p{i}}}, fieldPaths: [spec.containers.0.name]}}]}}\n"
            ))
        )),
        ..Case::default()
    });
}

#[test]
fn an_import_of_many_registries() {
    check(1000, 0, " rules of 1 file", |n| Case {
        args: vec!["import", "-"],
        stdin: format!(
            "mirrors:\n{}",
            repeated(n, |i| format!(
                "  r{i}.example.com: {{endpoint: ['https://m{i}.example.com']}}\n"
            ))
        ),
        ..Case::default()
    });
}

const APPLICATION: &str = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: x}\nspec:\n  source:\n    chart: unknown\n    helm:\n";

#[test]
fn parameters_of_many_images() {
    check(100, 0, "", |n| {
        let parameter = |n| format!("      - {{name: k{n}.image, value: 'docker.io/a/b{n}:v1'}}\n");
        stream(format!(
            "{APPLICATION}      parameters:\n{}",
            repeated(n, parameter)
        ))
    });
}

#[test]
fn values_of_many_images() {
    check(100, 0, "", |n| {
        let image =
            |n| format!("        k{n}: {{image: {{repository: docker.io/a/b{n}, tag: v1}}}}\n");
        stream(format!(
            "{APPLICATION}      valuesObject:\n{}",
            repeated(n, image)
        ))
    });
}

/// Words under keys of images, each of which is one only if its container has a name, behind as many images as
/// are looked at in one mapping. Below a megabyte of input, from which on more threads are made.
#[test]
fn a_container_of_values_with_many_words_for_images() {
    let images = joined(6_000, |n| format!("k{n}: {{repository: a/b, tag: v1}}"));
    check(12_000, 0, "than are looked through", |n| {
        let words = joined(n, |n| format!("a{n}Image: w"));
        stream(format!(
            "{APPLICATION}      valuesObject: {{containers: [{{name: x, {images}, {words}}}]}}\n"
        ))
    });
}

#[test]
fn many_images_in_a_text_of_values() {
    check(100, 1, "", |n| {
        let image =
            |n| format!("        k{n}: {{image: {{repository: quay.io/a/b{n}, tag: v1}}}}\n");
        let text = format!("{APPLICATION}      values: |\n{}", repeated(n, image));
        let rules = "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {name: c}\nspec: {registries: [{source: quay.io, mirror: m.example.com, scope: all}]}\n";
        Case {
            args: vec!["check", "--config", "kustomization.yaml", "a.yaml"],
            file: Some(text),
            kustomization: Some(rules.to_owned()),
            ..Case::default()
        }
    });
}

/// Images that are looked up in as many texts as there are images.
#[test]
fn many_images_in_many_texts_of_values() {
    check(260, 1, "", |n| {
        let from = |_| "  - {kind: ConfigMap, name: c}\n".to_owned();
        let image = |n| format!("    k{n}: {{image: {{repository: docker.io/a/b{n}, tag: v1}}}}\n");
        let map = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {values.yaml: '{x: y}'}\n";
        Case {
            args: vec!["check", "."],
            file: Some(format!(
                "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: x}}\nspec:\n  chart: {{spec: {{chart: unknown}}}}\n  valuesFrom:\n{}  values:\n{}{map}",
                repeated(n, from),
                repeated(n, image)
            )),
            ..Case::default()
        }
    });
}

#[test]
fn many_releases_of_a_known_chart() {
    check(25, 0, "", |n| {
        let release = |n| {
            format!(
                "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: x{n}}}\nspec:\n  chart: {{spec: {{chart: cloudzero-agent}}}}\n  values: {{clusterName: x}}\n---\n"
            )
        };
        Case {
            args: vec!["check", "."],
            file: Some(repeated(n, release)),
            ..Case::default()
        }
    });
}
