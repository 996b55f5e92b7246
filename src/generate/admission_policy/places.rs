//! The kinds of request that bring pods, each with a policy of its own.

use super::cel::{all, any};
use super::claims::Claimed;
use super::variables::{PodLocation, Updates};

/// A kind of request that brings a pod, and where in the request's object the pod is.
#[derive(Clone, Copy)]
pub(super) struct RequestKind {
    /// The end of its policy's name.
    pub(super) ending: &'static str,
    /// What is requested, in words.
    pub(super) what: &'static str,
    /// API groups with their resources.
    pub(super) resources: &'static [(&'static str, &'static [&'static str])],
    pub(super) operations: &'static [&'static str],
    pub(super) site: PodLocation,
    /// The condition that pull policies cannot be changed by the request, so that none is refused.
    pub(super) keeps_policies: &'static str,
    /// The condition that pull secrets cannot be.
    pub(super) keeps_secrets: &'static str,
}

/// The condition that a Job is changed in place where it is applied again, as `judge` knows it: hooks
/// and Jobs with generated names are created anew, and so are some that are applied.
const LASTING_JOB: &str = "object.kind == 'Job' && !has(object.metadata.generateName) \
    && !(has(object.metadata.annotations) && (['helm.sh/hook', 'argocd.argoproj.io/hook']\
    .exists(a, a in object.metadata.annotations) \
    || [['argocd.argoproj.io/sync-options', '(Replace|Force)=true'], ['kustomize.toolkit.fluxcd.io/force', 'enabled']]\
    .exists(a, a[0] in object.metadata.annotations \
    && object.metadata.annotations[a[0]].matches('(^|,) *' + a[1] + ' *(,|$)'))))";

const BOTH: &[&str] = &["initContainers", "containers"];

/// The condition that an existing object is changed: of a pod, only images may be.
const UPDATE: &str = "request.operation == 'UPDATE'";

/// A workload is judged at each update, since the API server would otherwise accept the workload and
/// refuse its pods, and nobody who applied it would be told.
/// A pod is judged at updates by the images that change, which is all of it that may. A wrong pull policy
/// is let pass where the agent ran in the container before, which may be put right; otherwise a pod of
/// nobody's could become an agent's whose policy nobody has looked at.
pub(super) const PLACES: &[RequestKind] = &[
    RequestKind {
        ending: "pods",
        what: "pods",
        resources: &[("", &["pods"])],
        operations: &["CREATE", "UPDATE"],
        site: PodLocation {
            path: ".spec",
            lists: BOTH,
            volumes: true,
            updates: Updates::ByImage,
        },
        keeps_policies: UPDATE,
        keeps_secrets: UPDATE,
    },
    RequestKind {
        ending: "ephemeral-containers",
        what: "ephemeral containers",
        resources: &[("", &["pods/ephemeralcontainers"])],
        operations: &["UPDATE"],
        site: PodLocation {
            path: ".spec",
            lists: &["ephemeralContainers"],
            volumes: false,
            updates: Updates::New,
        },
        keeps_policies: "false",
        keeps_secrets: "true",
    },
    RequestKind {
        ending: "workloads",
        what: "workloads",
        resources: &[
            (
                "apps",
                &["daemonsets", "deployments", "replicasets", "statefulsets"],
            ),
            ("batch", &["jobs"]),
            ("", &["replicationcontrollers"]),
        ],
        operations: &["CREATE", "UPDATE"],
        site: PodLocation {
            path: ".spec.template.spec",
            lists: BOTH,
            volumes: true,
            updates: Updates::Whole,
        },
        keeps_policies: LASTING_JOB,
        keeps_secrets: "false",
    },
    RequestKind {
        ending: "cronjobs",
        what: "CronJobs",
        resources: &[("batch", &["cronjobs"])],
        operations: &["CREATE", "UPDATE"],
        site: PodLocation {
            path: ".spec.jobTemplate.spec.template.spec",
            lists: BOTH,
            volumes: true,
            updates: Updates::Whole,
        },
        keeps_policies: "false",
        keeps_secrets: "false",
    },
    RequestKind {
        ending: "pod-templates",
        what: "PodTemplates",
        resources: &[("", &["podtemplates"])],
        operations: &["CREATE", "UPDATE"],
        site: PodLocation {
            path: ".template.spec",
            lists: BOTH,
            volumes: true,
            updates: Updates::Whole,
        },
        keeps_policies: "false",
        keeps_secrets: "false",
    },
];

impl RequestKind {
    /// Whether a request can be refused for the pull secrets that it lacks.
    pub(super) fn asks_for_secrets(&self) -> bool {
        self.keeps_secrets != "true"
    }

    /// The condition that the pull policy of an agent's image `i` stays as it is whatever is asked for.
    pub(super) fn keeps_policy(&self, claim: &Claimed<'_>) -> String {
        let kept = self.keeps_policies.to_owned();
        if self.site.updates == Updates::ByImage {
            all(&[kept, claim.ran_before()])
        } else {
            kept
        }
    }

    /// A condition on pull secrets, which holds where they cannot be changed.
    pub(super) fn or_kept(&self, condition: String) -> String {
        match self.keeps_secrets {
            "false" => condition,
            kept => any(&[kept.to_owned(), condition]),
        }
    }

    /// The creation of pods alone, in which they are put right: containers, since an older API server
    /// does not know of image volumes.
    pub(super) fn creation() -> Self {
        let pods = PLACES[0];
        RequestKind {
            operations: &["CREATE"],
            site: PodLocation {
                volumes: false,
                updates: Updates::Never,
                ..pods.site
            },
            ..pods
        }
    }
}
