//! Items with anchors, as most manifests have them that have any.

use super::check_outcome;

/// A collector that is to be edited twice, with an anchor in its labels and what else is given.
fn list(container: &str, more: &str) -> String {
    format!(
        "\
apiVersion: config.kubernetes.io/v1
kind: ResourceList
items:
- apiVersion: apps/v1
  kind: Deployment
  metadata:
    name: collector
  spec:
    selector:
      matchLabels: &labels
        app: collector
    template:
      metadata:
        labels: *labels
      spec:
        containers:
        - name: realtheorycollector
          image: registry.local:5000/realtheory/theory-k8s-collector:v1.3.11836
{container}{more}"
    )
}

#[test]
fn anchors_beside_what_is_edited_give_the_same_both_ways() {
    for container in [
        "",
        "          imagePullPolicy: Never\n",
        "          resources:\n            limits: &limits\n              cpu: 1\n            requests: *limits\n",
        "          resources:\n            limits: *labels\n          imagePullPolicy: Never\n",
        "          env: &env\n          - name: A\n            value: &b c\n        - name: other\n          image: docker.io/library/nginx:1\n          env: *env\n",
        "          env:\n          - name: A\n            value: &a b\n        initContainers:\n        - name: other\n          image: &a nginx\n          command: [*a]\n",
    ] {
        let found = check_outcome(&list(container, ""), None);
        assert!(found >= 2, "{found} findings of {container}");
    }
}

#[test]
fn anchors_of_other_items_and_of_nowhere_give_the_same_both_ways() {
    for more in [
        "- kind: A\n  apiVersion: v1\n  b:\n    c:\n      d: *labels\n",
        "- kind: A\n  apiVersion: v1\n  b:\n    c:\n      d: &labels e\n      f: *labels\n",
        "- kind: A\n  apiVersion: v1\n  b:\n    c:\n      d: *nowhere\n",
        "- kind: A\n  apiVersion: v1\n  b:\n    c:\n      d: &own\n        e: *own\n",
        "- kind: ConfigMap\n  apiVersion: v1\n  data:\n    a:\n      <<: *labels\n",
        "- kind: ServiceAccount\n  apiVersion: v1\n  metadata:\n    annotations:\n      a: &a b\n      c: *a\n",
    ] {
        check_outcome(&list("", more), None);
    }
}
