//! A part of what a configuration covers says nothing of agents that are not in it.

use crate::support::{folder_of, run_in_folder};

fn pod(image: &str) -> String {
    format!(
        "apiVersion: v1\nkind: ReplicationController\nmetadata: {{name: r}}\nspec: {{template: {{spec: {{containers: [{{name: c, image: '{image}'}}]}}}}}}\n"
    )
}

#[test]
fn an_agent_is_missing_where_all_is_looked_at() {
    let config = "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {name: c}\nspec: {agents: [datadog, netdata, falco]}\n";
    let folder = folder_of(&[
        ("restore-images.yaml", config),
        ("p1/a.yaml", &pod("gcr.io/datadoghq/agent:7.60.0")),
        ("p2/b.yaml", &pod("docker.io/netdata/netdata:v2.0.0")),
        ("p3/c.yaml", &pod("x.io/y/z:1")),
        ("elsewhere/own.yaml", config),
    ]);
    let missing = |args: &[&str]| {
        let run = run_in_folder(folder.path(), &[&["check"], args].concat(), b"");
        let said = String::from_utf8_lossy(&run.stdout).into_owned() + &run.stderr;
        said.matches("[unmatched-agent]").count()
            + said.matches("runs nowhere in the items").count()
    };
    for part in [
        &["p1"][..],
        &["p1", "p2"],
        &["p1", "p2", "p3"],
        &["p1/a.yaml", "p2/b.yaml"],
        &["p1/a.yaml", "p2"],
        &["-c", "restore-images.yaml", "p1"],
        &["-c", "restore-images.yaml", "p1", "p2"],
    ] {
        assert_eq!(missing(part), 0, "{part:?}");
    }
    for whole in [
        &["."][..],
        &["p1", "."],
        &["-c", "restore-images.yaml", "."],
        &["-c", "elsewhere/own.yaml", "p1", "p2"],
    ] {
        assert_ne!(missing(whole), 0, "{whole:?}");
    }
}
