//! Lists that replace images where they are rendered: reported, and edited only if that is asked.

use std::fs;

use crate::support::{assert_text_eq, run_in_folder, write_files};

const CONFIG: &str = "\
apiVersion: restore-images.dev/v1alpha1
kind: RestoreImages
metadata: {name: c}
spec:
  agents: [realtheory-collector]
  imageLists: MODE
";

fn run(mode: &str, input: &str) -> (String, String) {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("c.yaml"), CONFIG.replace("MODE", mode)).expect("written");
    let run = run_in_folder(folder.path(), &["c.yaml"], input.as_bytes());
    assert_eq!(run.code, 0, "{}", run.stderr);
    (String::from_utf8(run.stdout).expect("UTF-8"), run.stderr)
}

fn lists(entries: &str) -> Vec<String> {
    let indented = |by: usize| -> String {
        entries
            .lines()
            .map(|line| format!("{:by$}{line}\n", ""))
            .collect()
    };
    vec![
        format!(
            "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: k}}\nspec:\n  images:\n{}",
            indented(2)
        ),
        format!(
            "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nimages:\n{}---\napiVersion: v1\nkind: ReplicationController\nmetadata: {{name: r}}\nspec: {{template: {{spec: {{containers: [{{image: realtheory/theory-k8s-collector, imagePullPolicy: Always}}, {{image: nginx}}]}}}}}}\n",
            indented(0)
        ),
    ]
}

const WRONG: &str = "- name: nginx
  newTag: \"1.25\"
- name: realtheory/theory-k8s-collector
  newName: reg.corp/mirror/realtheory/theory-k8s-collector # ours
  newTag: v1.3.11836
";
const RIGHT: &str = "- name: nginx
  newTag: \"1.25\"
- name: realtheory/theory-k8s-collector
  newName: realtheory/theory-k8s-collector # ours
  newTag: latest
";

#[test]
fn an_entry_is_reported_and_edited_only_if_asked() {
    for (wrong, right) in lists(WRONG).iter().zip(lists(RIGHT)) {
        let (output, findings) = run("report", wrong);
        assert_text_eq(&output, wrong);
        assert!(
            findings.contains("wrong registry or path; tag v1.3.11836 keeps the agent from upgrading itself: reg.corp/mirror/realtheory/theory-k8s-collector:v1.3.11836 → realtheory/theory-k8s-collector is not edited, since this list replaces images where they are rendered: correct it here, or set `imageLists: restore` [wrong-image-override]"),
            "{findings}"
        );
        let (output, _) = run("restore", wrong);
        assert_text_eq(&output, &right);
        let (again, findings) = run("restore", &right);
        assert_text_eq(&again, &right);
        assert!(!findings.contains("theory-k8s-collector:"), "{findings}");
    }
}

#[test]
fn an_entry_that_matches_nothing_is_reported() {
    let entries = "- name: theory-k8s-collector\n  newTag: latest\n";
    let (_, findings) = run("report", &lists(entries)[1]);
    assert!(
        findings.contains("stdin:4:9: warning: images entry theory-k8s-collector matches no image in the items: write the name as the manifests do [unmatched-image-override]"),
        "{findings}"
    );
}

#[test]
fn an_entry_of_argo_cds_is_one_text() {
    let application = |images: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: a}}\nspec:\n  source:\n    kustomize:\n      images:\n{images}"
        )
    };
    let wrong = application(
        "      - nginx=reg.corp/nginx:1\n      - realtheory/theory-k8s-collector=reg.corp/m/realtheory/theory-k8s-collector:v1\n      - 'realtheory/theory-k8s-collector:v2'\n",
    );
    let right = application(
        "      - nginx=reg.corp/nginx:1\n      - realtheory/theory-k8s-collector=realtheory/theory-k8s-collector\n      - 'realtheory/theory-k8s-collector=realtheory/theory-k8s-collector'\n",
    );
    let (output, findings) = run("report", &wrong);
    assert_text_eq(&output, &wrong);
    assert_eq!(
        findings.matches("[wrong-image-override]").count(),
        2,
        "{findings}"
    );
    assert_text_eq(&run("restore", &wrong).0, &right);
    assert_text_eq(&run("restore", &right).0, &right);
}

const MIRROR: &str = "\
apiVersion: restore-images.dev/v1alpha1
kind: RestoreImages
metadata: {name: c}
spec:
  registries:
  - {source: ghcr.io, mirror: registry.example.com/ghcr, scope: all}
";

/// What `fix` makes of files, with its exit code; a second run changes nothing.
fn fixed(files: &[(&str, &str)]) -> (i32, Vec<String>) {
    let folder = tempfile::tempdir().expect("a folder");
    write_files(folder.path(), files);
    write_files(folder.path(), &[("restore-images.yaml", MIRROR)]);
    let run = || run_in_folder(folder.path(), &["fix", "."], b"").code;
    let read = || -> Vec<String> {
        let paths = files.iter().map(|(path, _)| folder.path().join(path));
        paths
            .map(|path| fs::read_to_string(path).expect("a file"))
            .collect()
    };
    let code = run();
    let after = read();
    run();
    assert_eq!(read(), after);
    (code, after)
}

/// `NAME:TAG` is the name that the entry looks for: a new name is put behind it.
#[test]
fn an_entry_of_argo_cds_keeps_what_it_looks_for() {
    for (written, right) in [
        (
            "ghcr.io/acme/web:v3",
            "ghcr.io/acme/web=registry.example.com/ghcr/acme/web:v3",
        ),
        (
            "ghcr.io/acme/web@sha256:1111111111111111111111111111111111111111111111111111111111111111",
            "ghcr.io/acme/web=registry.example.com/ghcr/acme/web@sha256:1111111111111111111111111111111111111111111111111111111111111111",
        ),
        (
            "web=ghcr.io/acme/web:v3",
            "web=registry.example.com/ghcr/acme/web:v3",
        ),
        (
            "ghcr.io/acme/web:{{tag}}",
            "ghcr.io/acme/web=registry.example.com/ghcr/acme/web:{{tag}}",
        ),
        (
            "web=ghcr.io/acme/web:v1-{{ .tag }}",
            "web=registry.example.com/ghcr/acme/web:v1-{{ .tag }}",
        ),
        (
            "registry.example.com/ghcr/acme/web:v3",
            "registry.example.com/ghcr/acme/web:v3",
        ),
    ] {
        let application = |image: &str| {
            format!(
                "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: a}}\nspec: {{template: {{spec: {{source: {{repoURL: 'https://example.com/x', path: else/where, kustomize: {{images: ['{image}']}}}}}}}}}}\n"
            )
        };
        let (code, after) = fixed(&[("app.yaml", &application(written))]);
        assert_text_eq(&after[0], &application(right));
        assert_eq!(code, 0, "{written}");
    }
}

/// kpt's function changes images in their files: it has to look for the names that these get.
#[test]
fn a_function_that_sets_images_looks_for_their_new_names() {
    let pod = |name: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec: {{containers: [{{name: a, image: '{name}:v1'}}]}}\n"
        )
    };
    let inline = |entry: &str| {
        format!(
            "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata: {{name: k}}\npipeline: {{mutators: [{{image: 'gcr.io/kpt-fn/set-image:v0.1.1', configMap: {entry}}}]}}\n"
        )
    };
    let object = |entry: &str| {
        format!(
            "apiVersion: fn.kpt.dev/v1alpha1\nkind: SetImage\nmetadata: {{name: s}}\nimage: {entry}\n"
        )
    };
    let data = |entry: &str| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: s, annotations: {{config.kubernetes.io/local-config: 'true'}}}}\ndata: {entry}\n"
        )
    };
    for (entry, right) in [
        (
            "{name: ghcr.io/acme/q, newTag: v3}",
            "{name: registry.example.com/ghcr/acme/q, newTag: v3}",
        ),
        (
            "{name: ghcr.io/acme/q, newName: ghcr.io/acme/q2}",
            "{name: registry.example.com/ghcr/acme/q, newName: registry.example.com/ghcr/acme/q2}",
        ),
        (
            "{name: ghcr.io/acme/q, newName: ghcr.io/acme/q, newTag: v3}",
            "{name: registry.example.com/ghcr/acme/q, newName: registry.example.com/ghcr/acme/q, newTag: v3}",
        ),
        (
            "{name: ghcr.io/acme/q, newName: quay.io/acme/q}",
            "{name: registry.example.com/ghcr/acme/q, newName: quay.io/acme/q}",
        ),
    ] {
        let kptfile = inline("{name: other, newTag: v1}");
        let cases = [
            ("Kptfile", inline(entry), inline(right)),
            ("s.yaml", object(entry), object(right)),
            ("c.yaml", data(entry), data(right)),
        ];
        for (path, before, after) in cases {
            let mut files = vec![(path, before.as_str()), ("d.yaml", "")];
            let pod_before = pod("ghcr.io/acme/q");
            files[1].1 = &pod_before;
            if path != "Kptfile" {
                files.push(("Kptfile", &kptfile));
            }
            let (code, written) = fixed(&files);
            assert_text_eq(&written[0], &after);
            assert_text_eq(&written[1], &pod("registry.example.com/ghcr/acme/q"));
            assert_eq!(code, 0, "{entry}");
        }
    }
}

/// The functions of a pipeline run one after the other: a version is judged as that of the image that runs in it.
#[test]
fn functions_that_follow_each_other_are_judged_together() {
    const AGENTS: &str = "  agents:\n  - name: own\n    images:\n    - {image: ghcr.io/acme/web, tag: pinned, pin: v9}\n    - {image: ghcr.io/acme/moving, tag: floating}\n";
    let config = format!("{MIRROR}{AGENTS}");
    let pipeline = |entries: &[&str]| {
        let functions = entries
            .iter()
            .map(|entry| format!("  - {{image: 'set-image:v0.1.1', configMap: {entry}}}\n"));
        "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata: {name: k}\npipeline:\n  mutators:\n"
            .to_owned()
            + &functions.collect::<String>()
    };
    let fixed = |before: &[&str], right: &[&str], code: i32| -> String {
        let folder = tempfile::tempdir().expect("a folder");
        write_files(
            folder.path(),
            &[
                ("Kptfile", &pipeline(before)),
                ("restore-images.yaml", &config),
            ],
        );
        let run = run_in_folder(folder.path(), &["fix", "."], b"");
        let after = fs::read_to_string(folder.path().join("Kptfile")).expect("a file");
        assert_text_eq(&after, &pipeline(right));
        let said = String::from_utf8(run.stdout).expect("UTF-8") + &run.stderr;
        assert_eq!(run.code, code, "{said}");
        said
    };
    const WEB: &str = "registry.example.com/ghcr/acme/web";
    // The last says which version runs.
    fixed(
        &[
            "{name: app, newName: ghcr.io/acme/web, newTag: v1}",
            "{name: ghcr.io/acme/web, newTag: v2}",
        ],
        &[
            &format!("{{name: app, newName: {WEB}, newTag: v1}}"),
            &format!("{{name: {WEB}, newTag: v9}}"),
        ],
        0,
    );
    // The first says it, and the last says of what.
    fixed(
        &[
            "{name: app, newTag: v1}",
            "{name: app, newName: ghcr.io/acme/web}",
        ],
        &[
            "{name: app, newTag: v9}",
            &format!("{{name: app, newTag: v9, newName: {WEB}}}"),
        ],
        0,
    );
    fixed(
        &[
            "{name: app, newName: ghcr.io/acme/web, newTag: v1}",
            "{name: ghcr.io/acme/web, newName: quay.io/acme/op}",
        ],
        &[
            &format!("{{name: app, newName: {WEB}, newTag: v1}}"),
            &format!("{{name: {WEB}, newName: quay.io/acme/op}}"),
        ],
        0,
    );
    // Manifests say it.
    let moving = "{name: app, newName: registry.example.com/ghcr/acme/moving}";
    let said = fixed(&[moving], &[moving], 1);
    let says = "registry.example.com/ghcr/acme/moving runs in the version that manifests give to app, and a tag policy says which that should be: write `newTag` beside `newName`";
    assert!(said.contains(says), "{said}");
    let other = format!("{{name: {WEB}, newName: quay.io/acme/op}}");
    let said = fixed(&[&other], &[&other], 1);
    assert!(
        said.contains("quay.io/acme/op runs in the version"),
        "{said}"
    );
    let latest = "{name: app, newName: registry.example.com/ghcr/acme/moving, newTag: latest}";
    fixed(&[latest], &[latest], 0);
}
