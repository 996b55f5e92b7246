//! The places where pods are written, each with a policy of its own.

use super::variables::Site;

/// One place where pods are written: the end of its policy's name, the requests, and the site.
pub(super) struct Place {
    pub(super) ending: &'static str,
    pub(super) what: &'static str,
    /// API group, version and resources.
    pub(super) resources: &'static [(&'static str, &'static [&'static str])],
    pub(super) operations: &'static [&'static str],
    pub(super) site: Site,
    /// Whether a request is for a Job, whose policy alone is no difference.
    pub(super) is_job: &'static str,
    /// Whether pull secrets can still be listed.
    pub(super) has_secrets: bool,
}

const BOTH: &[&str] = &["initContainers", "containers"];

/// A Pod is looked at when it is made, since most of it cannot change after that; a workload at
/// each update, too, or its pods would be refused while whoever applied it was told that all is well.
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
        is_job: "object.kind == 'Job'",
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
