//! Real manifests that the project did not write: unchanged where nothing is wrong, and back to
//! their own bytes where something was.

use std::fs;
use std::path::PathBuf;

use crate::support::{assert_text_eq, run, run_in_folder, shared};

pub(crate) fn manifests() -> Vec<PathBuf> {
    let Some(corpus) = shared("corpus") else {
        return Vec::new();
    };
    let mut folders = vec![corpus];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let extension = path.extension().and_then(|extension| extension.to_str());
            match extension {
                _ if path.is_dir() => folders.push(path),
                Some("yaml" | "yml") => found.push(path),
                _ => {}
            }
        }
    }
    assert!(found.len() > 25, "the corpus is not whole");
    found
}

#[test]
fn what_holds_no_agent_passes_byte_for_byte() {
    for path in manifests() {
        let text = fs::read(&path).expect("a manifest");
        let run = run(&[], &text);
        assert_eq!(run.code, 0, "{}: {}", path.display(), run.stderr);
        assert!(
            run.stdout == text,
            "{} changed:\n{}",
            path.display(),
            run.stderr
        );
        // What is said of them: mirrors that nobody declared, which stay, and a vendor's placeholder.
        for line in run.stderr.lines() {
            let is_placeholder = line.ends_with(
                "`icr.io/cpopen/turbonomic/kubeturbo:<Turbo_version>` is not an image reference: `<Turbo_version>` is not a legal tag [unresolved-image]",
            );
            assert!(
                line.ends_with(" [undeclared-mirror]") || is_placeholder,
                "{}: {line}",
                path.display()
            );
        }
    }
}

#[test]
fn the_vendors_collector_comes_back_to_its_own_bytes() {
    let Some(path) = shared("corpus/realtheory/collector.yaml") else {
        return;
    };
    let original = fs::read_to_string(path).expect("a manifest");
    let image = "image: realtheory/theory-k8s-collector\n";
    let policy = "        imagePullPolicy: Always\n";
    assert!(original.contains(image) && original.contains(policy));
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(
        folder.path().join("c.yaml"),
        "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {name: c}\nspec: {agents: [realtheory-collector]}\n",
    )
    .expect("written");
    for broken in [
        "registry.example.com/realtheory/theory-k8s-collector",
        "realtheory/theory-k8s-collector:v1.3.11836",
        "docker.io/realtheory/theory-k8s-collector:v1.3.11836",
        "registry.example.com:5000/hub/realtheory/theory-k8s-collector:v1.3.11836",
    ] {
        for new_policy in [policy, "        imagePullPolicy: IfNotPresent\n", ""] {
            let text = original
                .replace(image, &format!("image: {broken}\n"))
                .replace(policy, new_policy);
            let run = run_in_folder(folder.path(), &["c.yaml"], text.as_bytes());
            assert_eq!(run.code, 0, "{}", run.stderr);
            // A registry that is written and right stays.
            let expected = if broken.starts_with("docker.io/") {
                original.replace(image, &image.replace(": ", ": docker.io/"))
            } else {
                original.clone()
            };
            assert_text_eq(&String::from_utf8_lossy(&run.stdout), &expected);
        }
    }
}

const PORTFOLIO: &str = "\
apiVersion: restore-images.dev/v1alpha1
kind: RestoreImages
metadata: {name: c}
spec:
  agents:
  - name: portfolio
    images:
    - image: us-central1-docker.pkg.dev/kame-457417/kame-house-images/portfolio:latest
      tag: floating
      imagePullPolicy: Always
      imagePullSecrets: [regcred]
";

#[test]
fn an_applications_comments_and_markers_stay() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("c.yaml"), PORTFOLIO).expect("written");
    for (file, marked) in [
        ("8594a29__k8s_apps_portfolio_base_deployment.yaml", false),
        ("1fe121c__deployment_imagepolicy_comment.yaml", true),
    ] {
        let Some(path) = shared(&format!("corpus/portfolio/{file}")) else {
            return;
        };
        let original = fs::read_to_string(path).expect("a manifest");
        let broken = original
            .replace("portfolio:latest", "portfolio:arm64-latest")
            .replacen("          imagePullPolicy: Always\n", "", 1);
        assert_ne!(broken, original);
        let run = run_in_folder(folder.path(), &["c.yaml"], broken.as_bytes());
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert_text_eq(&String::from_utf8_lossy(&run.stdout), &original);
        assert_eq!(
            run.stderr.contains("[managed-elsewhere]"),
            marked,
            "{}",
            run.stderr
        );
    }
}
