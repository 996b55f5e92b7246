//! Lists that replace images where they are rendered: reported, and edited only if that is asked.

use std::fs;

use crate::support::{assert_text_eq, run_in_folder};

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
            findings.contains("wrong registry or path; tag v1.3.11836 keeps the agent from upgrading itself: reg.corp/mirror/realtheory/theory-k8s-collector:v1.3.11836 → realtheory/theory-k8s-collector is not edited, since this list replaces images where they are rendered: correct it here, or ask for it by `imageLists: restore` [wrong-image-override]"),
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
        findings.contains("stdin:4:9: warning: Kustomization: images entry theory-k8s-collector matches no image in the items: write the name as the manifests do [unmatched-image-override]"),
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
        "      - nginx=reg.corp/nginx:1\n      - realtheory/theory-k8s-collector=realtheory/theory-k8s-collector\n      - 'realtheory/theory-k8s-collector'\n",
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
