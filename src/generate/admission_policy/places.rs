//! The kinds of request that bring pods, each with a policy of its own.

use super::variables::Site;

/// A kind of request that brings a pod, and where in the request's object the pod is.
pub(super) struct Place {
    /// The end of its policy's name.
    pub(super) ending: &'static str,
    /// What is requested, in words.
    pub(super) what: &'static str,
    /// API groups with their resources.
    pub(super) resources: &'static [(&'static str, &'static [&'static str])],
    pub(super) operations: &'static [&'static str],
    pub(super) site: Site,
    /// The condition that the request is for a Job, which is not refused for its pull policy.
    pub(super) is_job: &'static str,
    /// Whether the request may still add pull secrets to the pod.
    pub(super) has_secrets: bool,
}

/// The condition that a Job is changed in place where it is applied again, as `judge` knows it: hooks
/// and Jobs of generated names are made anew, and some that are applied are.
const LASTING_JOB: &str = "object.kind == 'Job' && !has(object.metadata.generateName) \
    && !(has(object.metadata.annotations) && (['helm.sh/hook', 'argocd.argoproj.io/hook']\
    .exists(a, a in object.metadata.annotations) \
    || [['argocd.argoproj.io/sync-options', 'Replace=true'], ['kustomize.toolkit.fluxcd.io/force', 'enabled']]\
    .exists(a, a[0] in object.metadata.annotations \
    && object.metadata.annotations[a[0]].matches('(^|,) *' + a[1] + ' *(,|$)'))))";

const BOTH: &[&str] = &["initContainers", "containers"];

/// A pod is judged when it is created, since most of it cannot change afterwards. A workload is
/// judged at each update, too: otherwise the API server would accept the workload and refuse its
/// pods, and nobody who applied it would be told.
pub(super) const PLACES: &[Place] = &[
    Place {
        ending: "pods",
        what: "pods",
        resources: &[("", &["pods"])],
        operations: &["CREATE"],
        site: Site {
            path: ".spec",
            lists: BOTH,
            updates: false,
            only_new: false,
        },
        is_job: "false",
        has_secrets: true,
    },
    Place {
        ending: "ephemeral-containers",
        what: "ephemeral containers",
        resources: &[("", &["pods/ephemeralcontainers"])],
        operations: &["UPDATE"],
        site: Site {
            path: ".spec",
            lists: &["ephemeralContainers"],
            updates: true,
            only_new: true,
        },
        is_job: "false",
        has_secrets: false,
    },
    Place {
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
        site: Site {
            path: ".spec.template.spec",
            lists: BOTH,
            updates: true,
            only_new: false,
        },
        is_job: LASTING_JOB,
        has_secrets: true,
    },
    Place {
        ending: "cronjobs",
        what: "CronJobs",
        resources: &[("batch", &["cronjobs"])],
        operations: &["CREATE", "UPDATE"],
        site: Site {
            path: ".spec.jobTemplate.spec.template.spec",
            lists: BOTH,
            updates: true,
            only_new: false,
        },
        is_job: "false",
        has_secrets: true,
    },
];
