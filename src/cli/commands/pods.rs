//! `mirror status --pods`: whether running pods run what their tags mean now.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};

use super::GlobalOptions;
use super::exit_code;
use super::judged::judge;
use super::mirror::client;
use crate::cli::args::{FileArgs, MirrorFormat, MirrorStatus};
use crate::cli::found;
use crate::cli::progress::Progress;
use crate::cli::{say, terminal};
use crate::config::Config;
use crate::finding::Mode;
use crate::image::Reference;
use crate::judge::{ImageUse, Wants};
use crate::mirror::pods::{PodState, Pods, Running, pod_statuses, pods};
use crate::mirror::report;
use crate::quote::piece;
use crate::report::Done;
use crate::yaml::place::place;

/// Asks what the tags of running images mean; the exit code is 1 if a pod runs another image, and 2 if
/// an answer settles nothing.
pub(in crate::cli) fn status(
    args: &MirrorStatus,
    file: &Path,
    options: GlobalOptions,
) -> Result<u8> {
    if !matches!(args.format, MirrorFormat::Text | MirrorFormat::Json) {
        bail!("pods are reported as text or json\nhelp: leave --format out");
    }
    let quiet = args.volume.quiet;
    let files = FileArgs {
        paths: vec![file.to_owned()],
        config: args.files.config.clone(),
        hidden: args.files.hidden,
        exclude: args.files.exclude.clone(),
        fail_empty: args.files.fail_empty,
    };
    let wants = Wants {
        leave_managed: false,
        fixes: false,
        images: true,
    };
    // Pods come from a cluster; the configuration is that of the folder at hand.
    let config = found::config(args.files.config.as_deref(), &[PathBuf::from(".")])?;
    let judged = judge(&files, config.as_ref(), options, Mode::Check, wants, quiet)?;
    judged.say_problems();
    let mut images: BTreeMap<(String, String, String), Running> = BTreeMap::new();
    let mut count = 0;
    for (file, outcome) in judged.files.files.iter().zip(&judged.together.files) {
        let (Ok(text), Ok(outcome)) = (&file.text, outcome) else {
            bail!("{}: no pods can be read from it", piece(&file.shown));
        };
        let found = pods(text).map_err(|error| {
            let at = place(text, error.at);
            anyhow!("{}:{at}: {}", piece(&file.shown), error.what)
        })?;
        if found.count == 0 && !found.has_empty_list {
            bail!(
                "{}: holds no pod\nhelp: give what `kubectl get pods -A -o json` writes",
                piece(&file.shown)
            );
        }
        count += found.count;
        for image in &outcome.images {
            let Some(running) = running(image, &found, &judged.together.config) else {
                continue;
            };
            let key = (
                running.repository.to_string(),
                running.tag.clone(),
                running.id.clone(),
            );
            match images.get_mut(&key) {
                Some(known) => known.containers.extend(running.containers),
                None => {
                    images.insert(key, running);
                }
            }
        }
    }
    let images: Vec<Running> = images.into_values().collect();
    if images.is_empty() {
        let why = match count {
            0 => "there is no pod",
            _ => {
                "no container is known to run an agent's image by tag, or an image from a mirror that a rule names"
            }
        };
        say(&format!("{why}, so nothing was asked"));
    }
    let client = client(args, &judged.together.config)?;
    let asking = Progress::of("asking", "images", images.len(), quiet);
    let statuses = pod_statuses(&images, &client, &|| asking.step());
    asking.finish();
    if args.format == MirrorFormat::Json {
        let text = report::json_of_pods(&statuses, client.requests());
        terminal::print_document(&text.context("cannot write the report")?)?;
    } else {
        terminal::print(&report::pods(&statuses, args.volume.verbose), false)?;
    }
    let is_any = |state| statuses.iter().any(|status| status.state == state);
    if is_any(PodState::Unknown) {
        return Ok(2);
    }
    if is_any(PodState::Outdated) || is_any(PodState::Missing) {
        return Ok(1);
    }
    let report = judged.report(Done::Checked);
    Ok(exit_code::of_clean(&report, args.files.fail_empty))
}

/// What a container of an agent, or one whose image comes from a mirror, runs under a tag. A digest
/// means the same for ever.
fn running(image: &ImageUse, pods: &Pods, config: &Config) -> Option<Running> {
    let reference = Reference::parse(image.image.as_deref()?).ok()?;
    let repository = reference.repository();
    let is_mirrored = config.rules.has_mirror_host(repository.domain());
    if reference.digest.is_some() || image.agent.is_none() && !is_mirrored {
        return None;
    }
    let (resource, container) = (&image.resource, image.container.as_deref()?);
    let key = (
        resource.namespace.to_string(),
        resource.name.to_string(),
        container.to_owned(),
    );
    let id = pods.ids.get(&key)?.clone();
    let (namespace, name, _) = &key;
    let pod = match namespace.as_str() {
        "" => name.clone(),
        namespace => format!("{namespace}/{name}"),
    };
    Some(Running {
        repository,
        tag: reference.tag.unwrap_or("latest").to_owned(),
        id,
        containers: vec![format!("{pod}/{container}")],
    })
}
