//! Every image as it is met, in three kinds, as requests to a real API server: it refuses what the
//! function would change, and nothing else.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::generate::cel::{DIGEST, IMAGES, RULES, manifests, restored};
use crate::support::api_server::Server;

/// The kinds of a pod, each with the image.
fn kinds(number: usize, image: &str) -> [Value; 3] {
    let secrets: &[Value] = match number % 2 {
        0 => &[],
        _ => &[
            json!({"name": "regcred"}),
            json!({"name": "ghcr"}),
            json!({"name": "acme"}),
        ],
    };
    let spec = json!({
        "containers": [{"name": "app", "image": image, "imagePullPolicy": "Always"}],
        "imagePullSecrets": secrets,
    });
    let metadata = |kind: &str| json!({"name": format!("{kind}-{number}"), "namespace": "default"});
    let template = json!({"metadata": {"labels": {"app": "a"}}, "spec": spec});
    [
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata("pod"), "spec": spec}),
        json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata("deployment"),
            "spec": {"selector": {"matchLabels": {"app": "a"}}, "template": template},
        }),
        json!({
            "apiVersion": "v1", "kind": "PodTemplate", "metadata": metadata("template"),
            "template": template,
        }),
    ]
}

fn name(object: &Value) -> String {
    let name = object["metadata"]["name"].as_str();
    name.expect("a name").to_owned()
}

#[test]
fn an_api_server_refuses_what_the_function_would_change_and_nothing_else() {
    let Some(server) = Server::start() else {
        return;
    };
    server.apply(&manifests(RULES, "mutate: false"));
    let objects = IMAGES.iter().enumerate();
    let objects =
        objects.flat_map(|(number, image)| kinds(number, &image.replace("DIGEST", DIGEST)));
    let objects: Vec<Value> = objects.collect();
    assert!(objects.len() >= 258, "{}", objects.len());
    let wrong = objects
        .iter()
        .filter(|object| restored(RULES, object).is_some());
    let wrong: Vec<&Value> = wrong.collect();
    // Each kind has a policy of its own, which is read with a delay.
    for kind in ["Pod", "Deployment", "PodTemplate"] {
        let probe = wrong.iter().find(|object| object["kind"] == kind);
        server.wait_for(probe.expect("one is wrong"), Result::is_err);
    }
    let list = json!({"apiVersion": "v1", "kind": "List", "items": objects});
    let args = [
        "create",
        "--dry-run=server",
        "--output=name",
        "--filename=-",
    ];
    let output = server.kubectl(&args, &list.to_string());
    let (made, said) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    let made: BTreeSet<String> = made
        .lines()
        .filter_map(|line| line.rsplit('/').next().map(str::to_owned))
        .collect();
    let wrong: BTreeSet<String> = wrong.into_iter().map(name).collect();
    let right = objects
        .iter()
        .map(name)
        .filter(|name| !wrong.contains(name));
    assert_eq!(made, right.collect::<BTreeSet<String>>(), "{said}");
    // What was not made was refused by a policy, and not for being no such object.
    let refused = said
        .lines()
        .filter(|line| line.contains(" denied request: "));
    assert_eq!(refused.count(), wrong.len(), "{said}");
}
