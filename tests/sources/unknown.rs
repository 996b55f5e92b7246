//! What is not known of a build: it is left as it is, and told.

use super::cases::{Files, MIRRORS, deployment, restored, tree};

const OLD: &str = "ghcr.io/acme/web:v1";

const CONFLICT: &str =
    "left, since tree/base/kustomization.yaml wants it and tree/over/kustomization.yaml does not";

/// A base, and an overlay that says something more.
fn over(base: &str, kustomization: &str) -> Files {
    tree([
        ("base/kustomization.yaml", "resources: [web.yaml]\n"),
        ("base/web.yaml", base),
        (
            "over/kustomization.yaml",
            &format!("resources: [../base]\n{kustomization}"),
        ),
    ])
}

/// Holds that nothing is edited, and that it is said each time.
#[track_caller]
fn left(config: &str, before: &Files, says: &str) {
    for (code, said) in restored(config, before, &Files::new()) {
        assert_eq!(code, 1, "{said}");
        assert!(said.contains(says), "{said}");
    }
}

/// Go's expressions are not all of those that are read here.
#[test]
fn an_expression_that_is_read_otherwise_is_left() {
    let base = deployment("web", &[("web", OLD)]);
    for name in [
        r"\Qghcr.io\E/acme/web",
        r"\147hcr.io/acme/web",
        "ghcr.io/[a-z--m]+/web",
        "ghcr.io/[[a-z]+/web",
    ] {
        let entry = format!("images: [{{name: '{name}', newTag: v2}}]\n");
        let before = over(&base, &entry);
        left(
            MIRRORS,
            &before,
            "of images, an expression that kustomize may read otherwise than it is read here,",
        );
    }
}

#[test]
fn a_target_that_is_read_otherwise_is_left() {
    let base = deployment("web", &[("web", OLD)]);
    let before = over(
        &base,
        r"patches:
- target: {name: '\Qweb\E'}
  patch: |-
    - {op: replace, path: /spec/template/spec/containers/0/image, value: ghcr.io/acme/web:v9}
images: [{name: ghcr.io/acme/web, newTag: v2}]
",
    );
    left(
        MIRRORS,
        &before,
        "left, since a patch with a target that is not understood may change it in tree/over/kustomization.yaml",
    );
}

/// A schema of one's own decides what becomes of lists, in place of kustomize's.
#[test]
fn lists_that_a_schema_decides_are_left() {
    let base = "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: web}\nspec:\n  template:\n    spec:\n      containers:\n      - {name: a, image: ghcr.io/acme/web:v1}\n      - {name: b, image: quay.io/acme/b:v1}\n";
    let patch = |spec: &str| {
        format!(
            "patches:\n- patch: |-\n    apiVersion: argoproj.io/v1alpha1\n    kind: Rollout\n    metadata: {{name: web}}\n    spec: {spec}\n"
        )
    };
    let lists =
        patch("{template: {spec: {containers: [{name: b, image: \"quay.io/acme/b:v9\"}]}}}");
    let entry = "images: [{name: ghcr.io/acme/web, newTag: v2}]\n";
    let schema = "openapi: {path: schema.json}\n";
    let says = "a patch of lists, which the schema of `openapi` decides and which is not followed,";
    for named_in in ["base/kustomization.yaml", "over/kustomization.yaml"] {
        let mut before = over(base, &format!("{lists}{entry}"));
        before
            .entry(named_in)
            .and_modify(|text| text.push_str(schema));
        let beside = match named_in {
            "base/kustomization.yaml" => "base/schema.json",
            _ => "over/schema.json",
        };
        before.insert(beside, "{\"definitions\": {}}\n".to_owned());
        // The image that the patch sets in any case is not the one below.
        let below = before["base/web.yaml"].replace("quay.io/", "registry.example.com/quay/");
        let changed = tree([("base/web.yaml", &below)]);
        for (code, said) in restored(MIRRORS, &before, &changed) {
            assert_eq!(code, 1, "{said}");
            assert!(said.contains(says), "{said}");
        }
    }
    // Where there is no list, nothing depends on it.
    let mut before = over(base, &format!("{}{schema}", patch("{replicas: 2}")));
    before.insert("over/schema.json", "{\"definitions\": {}}\n".to_owned());
    let mut changed = before.clone();
    changed.retain(|path, _| *path == "base/web.yaml");
    for text in changed.values_mut() {
        *text = text.replace("ghcr.io/", "registry.example.com/ghcr/");
        *text = text.replace("quay.io/", "registry.example.com/quay/");
    }
    super::cases::settled(MIRRORS, &before, &changed);
}

/// What a patch makes one of a kind that nobody judges comes out as it did.
#[test]
fn what_becomes_of_another_kind_is_kept() {
    let base = deployment("web", &[("web", OLD)]);
    let before = over(
        &base,
        "patches:
- target: {kind: Deployment}
  options: {allowKindChange: true}
  patch: |-
    apiVersion: apps/v1
    kind: Rollout
    metadata: {name: web}
images: [{name: ghcr.io/acme/web, newTag: v2}]
",
    );
    left(MIRRORS, &before, CONFLICT);
}

/// Restoring the build would not know a pull secret by the name that kustomize gives it.
#[test]
fn pull_secrets_that_kustomize_renames_are_left() {
    let config = MIRRORS.replace(
        "ghcr, scope: all}",
        "ghcr, scope: all, imagePullSecrets: [gh]}",
    );
    let image = "registry.example.com/ghcr/acme/web:v1";
    let base = deployment("web", &[("web", image)]);
    let listed = format!("{base}      imagePullSecrets: [{{name: gh}}]\n");
    let generated = "secretGenerator: [{name: gh, literals: [a=b]}]\n";
    let hashed = "kustomize calls the Secret gh gh-HASH here: keep its name by `disableNameSuffixHash` and without a prefix";
    for base in [&base, &listed] {
        left(&config, &over(base, generated), hashed);
        let secret = "---\napiVersion: v1\nkind: Secret\nmetadata: {name: gh}\n";
        let before = over(&format!("{base}{secret}"), "namePrefix: p-\n");
        left(
            &config,
            &before,
            "kustomize calls the Secret gh p-gh here: write that name in the configuration, or take the Secret out of the build",
        );
    }
    // A name that stays is known.
    let kept = format!("{generated}generatorOptions: {{disableNameSuffixHash: true}}\n");
    super::cases::clean(&config, &over(&listed, &kept));
}

/// kustomize takes a key of a patch that stands twice; what it makes of it is not known.
#[test]
fn a_patch_with_a_key_twice_is_left() {
    let base = deployment("web", &[("web", OLD)]);
    let before = over(
        &base,
        "patches:
- patch: |-
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web}
    spec: {replicas: 1, replicas: 2}
images: [{name: ghcr.io/acme/web, newTag: v2}]
",
    );
    left(
        MIRRORS,
        &before,
        "a patch with a key that stands twice, which is not followed,",
    );
}

/// The last of a key that stands twice counts in a kustomization.
#[test]
fn resources_that_are_named_twice_are_left() {
    let base = deployment("web", &[("web", OLD)]);
    let before = over(
        &base,
        "resources: [../base]\nimages: [{name: ghcr.io/acme/web, newTag: v2}]\n",
    );
    left(
        MIRRORS,
        &before,
        "what `resources` and `resources` come to together, which is not followed,",
    );
}

/// Of a build that is not followed to its end it is not known what it makes of what it brings.
#[test]
fn what_is_not_followed_to_its_end_is_left() {
    let all: String = (0..1000)
        .map(|number| deployment(&format!("web{number}"), &[("web", OLD)]) + "---\n")
        .collect();
    let patch = "- {target: {labelSelector: a=b}, patch: '[{\"op\": \"remove\", \"path\": \"/spec/paused\"}]'}\n";
    let before = over(
        &all,
        &format!(
            "images: [{{name: ghcr.io/acme/web, newTag: v2}}]\npatches:\n{}",
            patch.repeat(1000)
        ),
    );
    left(
        MIRRORS,
        &before,
        "left, since tree/over/kustomization.yaml is not followed to its end",
    );
}

/// What no one judges comes out as it did, too, where a list goes over it.
#[test]
fn a_variable_that_a_list_goes_over_is_kept() {
    let base = format!(
        "{}        env: [{{name: RELATED, value: {OLD}}}]\n",
        deployment("web", &[("web", OLD)])
    );
    let mut before = over(
        &base,
        "configurations: [k.yaml]\nimages: [{name: ghcr.io/acme/web, newTag: v2}]\n",
    );
    let paths =
        "images: [{path: 'spec/template/spec/containers[]/env[]/value', kind: Deployment}]\n";
    before.insert("over/k.yaml", paths.to_owned());
    left(MIRRORS, &before, "left, since");
}

/// The text by which a replacement finds its target stays.
#[test]
fn an_image_that_a_replacement_selects_by_is_left() {
    let base = deployment("web", &[("web", OLD)]);
    let before = over(
        &base,
        "replacements:
- source: {kind: Deployment, fieldPath: metadata.name}
  targets:
  - select: {kind: Deployment}
    fieldPaths: ['spec.template.spec.containers.[image=ghcr.io/acme/web:v1].name']
",
    );
    left(
        MIRRORS,
        &before,
        "a replacement finds the item by this text: change both by hand",
    );
}

/// A pull secret is for all builds, whatever the kind.
#[test]
fn a_secret_of_a_custom_resource_that_one_build_runs_nothing_of_is_left() {
    let config = MIRRORS.replace(
        "ghcr, scope: all}",
        "ghcr, scope: all, imagePullSecrets: [gh]}",
    );
    let base = "apiVersion: example.com/v1
kind: Foo
metadata: {name: web}
spec: {x: {imagePullSecrets: [{name: z}], containers: [{name: a, image: \"registry.example.com/ghcr/acme/web:v1\"}]}}
";
    let before = over(
        base,
        "patches:
- patch: |-
    apiVersion: example.com/v1
    kind: Foo
    metadata: {name: web}
    spec: {x: {containers: []}}
",
    );
    let says = "left, since tree/base/kustomization.yaml wants [z, gh] there, and tree/over/kustomization.yaml does not: say it in a patch of each of the two";
    left(&config, &before, says);
}

/// A directive of a list that there is not means something else once `fix` has made one.
#[test]
fn a_directive_that_finds_no_list_is_left() {
    let config = MIRRORS.replace(
        "ghcr, scope: all}",
        "ghcr, scope: all, imagePullSecrets: [gh]}",
    );
    let base = deployment("web", &[("web", "registry.example.com/ghcr/acme/web:v1")]);
    let before = over(
        &base,
        "patches:
- patch: |-
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web}
    spec: {template: {spec: {imagePullSecrets: [{$patch: delete}]}}}
",
    );
    left(
        &config,
        &before,
        "a `$patch` of a list that there is not, may change it",
    );
}

/// What each root wants is said: a ServiceAccount of one has secrets that the first secret of a pod switches off.
#[test]
fn a_secret_that_two_roots_want_with_others_is_told_with_both() {
    let config = MIRRORS.replace(
        "ghcr, scope: all}",
        "ghcr, scope: all, imagePullSecrets: [gh]}",
    );
    let web = deployment("web", &[("web", "registry.example.com/ghcr/acme/web:v1")]);
    let web = web.replace(
        "      containers:",
        "      serviceAccountName: robot\n      containers:",
    );
    let account = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: robot}\nimagePullSecrets: [{name: own}]\n";
    let mut before = over(&web, "");
    let overlay = before.get_mut("over/kustomization.yaml").expect("a file");
    *overlay = "resources: [../base, robot.yaml]\n".to_owned();
    before.insert("over/robot.yaml", account.to_owned());
    let says = "left, since tree/base/kustomization.yaml wants [gh] there, and tree/over/kustomization.yaml [own, gh], since its ServiceAccount robot lists own: say it in a patch of each of the two";
    left(&config, &before, says);
}
