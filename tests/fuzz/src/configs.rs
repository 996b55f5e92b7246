//! Configurations that make much of what is fuzzed an edit.
//!
//! All but one name their agents: reading every built-in profile takes longer than all that follows.

/// One for each way that an input is treated: as it comes, everything mapped, only checked by rules
/// for agents alone, and with fields, lists and policies of the configuration's own.
pub const CONFIGS: [Option<&str>; 4] = [None, Some(MAPPED), Some(CHECKED), Some(OWN)];

/// The configuration that a byte chooses, mostly one that names its agents.
pub fn of(choice: usize) -> Option<&'static str> {
    match choice % 16 {
        0 => CONFIGS[0],
        some => CONFIGS[1 + some % 3],
    }
}

const MAPPED: &str = "\
apiVersion: restore-images.dev/v1alpha1
kind: RestoreImages
metadata: {name: c}
spec:
  agents: [realtheory-collector, grafana-k8s-monitoring]
  imageLists: restore
  imagePullSecrets: [s]
  registries:
  - source: docker.io
    mirror: reg.corp/hub
    scope: all
  - {source: quay.io, mirror: 'localhost:5000/quay', scope: all, imagePullSecrets: [q, r]}
";

const CHECKED: &str = "\
apiVersion: restore-images.dev/v1alpha1
kind: RestoreImages
metadata: {name: c}
spec:
  mode: check
  agents: [realtheory-collector, opencost]
  registries:
  - {source: docker.io, mirror: reg.corp/hub}
  - {source: docker.io/realtheory/theory-k8s-collector, mirror: reg.corp/renamed/thing}
  - {source: ghcr.io/opencost, mirror: other.corp}
";

const OWN: &str = "\
apiVersion: restore-images.dev/v1alpha1
kind: RestoreImages
metadata: {name: c}
spec:
  imageLists: restore
  agents:
  - realtheory-collector
  - {profile: opencost, tag: pinned, pin: '1.10', imagePullPolicy: Always}
  - name: own
    images:
    - {image: 'acme.io/t/agent:latest', tag: floating, imagePullPolicy: Always, imagePullSecrets: [mine]}
    - {image: 'nginx:1', tag: minimum, minimum: '1.20', imagePullPolicy: IfNotPresent}
    env: [{image: OWN_IMAGE}]
  fields:
  - {apiVersion: example.com/v1, kind: Thing, image: '$.spec.image', imagePullPolicy: '$.spec.policy', imagePullSecrets: '$.spec.secrets'}
  - {apiVersion: example.com/v1, kind: Thing, image: '$.spec.images[*]'}
  exceptions:
  - {allow: [tag], container: held, reason: r}
";
