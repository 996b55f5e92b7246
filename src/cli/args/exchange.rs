//! The arguments of `import` and `export`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  restore-images import /etc/containers/registries.conf > restore-images.yaml
  restore-images import /etc/containerd/certs.d   a folder of hosts.toml files
  restore-images import /etc/rancher/k3s/registries.yaml
  oc get idms,itms -o yaml | restore-images import -
  restore-images import kyverno/replace-image-registry.yaml renovate.json

Exit codes:
  0  everything was imported
  1  some of it cannot be expressed as rules, and is listed on standard error
  2  a file cannot be read, or says nothing of mirrors")]
pub(in crate::cli) struct Import {
    /// Files of other programs, or folders of hosts.toml or *.conf files; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    pub(in crate::cli) files: Vec<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  restore-images export --to registries.conf > 50-mirrors.conf
  restore-images export --to idms restore-images.yaml | oc apply -f -
  restore-images export --to registryAliases       for Renovate

Exit codes:
  0  exported; where the format is broader than a rule, standard error says so
  2  the configuration cannot be followed")]
pub(in crate::cli) struct Export {
    /// The configuration [default: restore-images.yaml, in this folder or above]
    #[arg(value_name = "CONFIG")]
    pub(in crate::cli) config: Option<PathBuf>,

    /// Format to write: registries.conf, idms, itms or registryAliases
    #[arg(long, value_name = "FORMAT", hide_possible_values = true)]
    pub(in crate::cli) to: ExportTo,
}

/// What rules are written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ExportTo {
    /// containers-registries.conf, for podman, CRI-O and skopeo
    #[value(name = "registries.conf")]
    RegistriesConf,
    /// OpenShift's ImageDigestMirrorSet
    Idms,
    /// OpenShift's ImageTagMirrorSet
    Itms,
    /// Renovate's aliases, by which it looks up at the vendor's what is named as on the mirror
    #[value(name = "registryAliases")]
    RegistryAliases,
}
