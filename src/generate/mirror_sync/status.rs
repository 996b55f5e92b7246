//! A CronJob that looks whether the mirrors hold what was to be copied, and fails where they do not.

use serde_yaml::Value;

use crate::config::emit::{MirrorSync, StatusJob};
use crate::error::Error;
use crate::finding::{Finding, Rule};
use crate::generate::GenerateContext;
use crate::generate::copies::ImageCopy;
use crate::generate::cron_job::{self, JobPod};
use crate::generate::object::{Object, block, list, map, text, texts};
use crate::generate::remark;
use crate::sort::sort;

use super::{ENTRY, config_map, reach, versioned};

/// The ConfigMap, ServiceAccount and CronJob; none where nothing can be asked about.
pub(super) fn objects(
    context: &GenerateContext<'_>,
    settings: &MirrorSync,
    job: &StatusJob,
    copies: &[ImageCopy],
    findings: &mut Vec<Finding>,
) -> Result<Vec<Object>, Error> {
    let say = |findings: &mut Vec<Finding>, message: String| {
        findings.push(remark(Rule::NotGenerated, None, message));
    };
    let mut images: Vec<String> = Vec::new();
    for copy in copies {
        for version in &copy.versions {
            let image = versioned(&copy.mirror, &version.mirror);
            if version.is_alike() {
                images.push(image);
                continue;
            }
            let message = format!(
                "mirrorSync.status: {image} is not looked at: the vendor calls it `{}`, and \
                 `mirror status` asks both sides for one tag",
                version.official
            );
            say(findings, message);
        }
    }
    let mut hosts: Vec<&str> = Vec::new();
    for copy in copies {
        hosts.extend([copy.official.domain(), copy.mirror.domain()]);
    }
    sort(&mut hosts);
    hosts.dedup();
    let unverified = settings.insecure_registries.iter();
    for host in unverified.filter(|host| hosts.contains(&host.as_str())) {
        let message = if settings.ca_bundle.is_some() {
            format!(
                "mirrorSync.status: {host} is looked at only if `caBundle` holds its authority: \
                 `mirror status` verifies every certificate"
            )
        } else {
            format!(
                "mirrorSync.status: {host} cannot be looked at: `mirror status` verifies every \
                 certificate: name its authority by `caBundle`"
            )
        };
        say(findings, message);
    }
    if images.is_empty() {
        return Ok(Vec::new());
    }
    let name = format!("{}-mirror-status", context.generate.name);
    let files = [
        (CONFIG.to_owned(), block(&rules(context, copies))?),
        (IMAGES.to_owned(), block(&pod(&images))?),
    ];
    let comment = format!("names the images that the CronJob {name} looks for");
    let mut objects = vec![config_map(context, &name, comment, &files)];
    let mut args = vec!["mirror", "status", "--config", CONFIG];
    if let Some(age) = &job.max_behind {
        args.extend(["--max-behind", age.as_str()]);
    }
    let copies_all = settings.tool.leaves().is_none() && settings.copies_referrers();
    if job.deep.unwrap_or(copies_all) {
        args.push("--deep");
    }
    if settings.ca_bundle.is_some() {
        args.extend(["--ca-bundle", "/ca/ca.crt"]);
    }
    args.push(IMAGES);
    let mut reach = reach(settings, &name, None);
    reach.container.insert(0, ("args", texts(args)));
    let pod = JobPod {
        name,
        containers: vec![("mirror-status".to_owned(), reach.container)],
        volumes: reach.volumes,
        needs_token: false,
        // What is wrong stays wrong, and one failed Job says so.
        retries: 0,
        ttl: settings.ttl,
    };
    let comment = "fails where a mirror lacks what its vendor publishes";
    objects.append(&mut cron_job::objects(
        context,
        (ENTRY, comment),
        &job.image,
        &job.timing,
        pod,
    ));
    Ok(objects)
}

const CONFIG: &str = "restore-images.yaml";
const IMAGES: &str = "images.yaml";

/// Rules for these images alone. An agent of no image is in play, so that no built-in one judges tags
/// that exceptions and profiles of the real rules allow.
fn rules(context: &GenerateContext<'_>, copies: &[ImageCopy]) -> Value {
    let image = map([
        ("image", text("registry.invalid/none/none")),
        ("tag", text("keep")),
    ]);
    let agent = map([("name", text("none")), ("images", list([image]))]);
    let registries = copies.iter().map(|copy| {
        map([
            ("source", text(copy.official.to_string())),
            ("mirror", text(copy.mirror.to_string())),
            ("scope", text("all")),
        ])
    });
    let mut spec = vec![
        ("agents", list([agent])),
        ("unmatchedAgents", text("ignore")),
        ("registries", list(registries)),
    ];
    let plain = &context.config.plain_http_registries;
    if !plain.is_empty() {
        spec.push(("plainHttpRegistries", texts(plain)));
    }
    map([
        ("apiVersion", text("restore-images.dev/v1alpha1")),
        ("kind", text("RestoreImages")),
        ("metadata", map([("name", text("mirror-status"))])),
        ("spec", map(spec)),
    ])
}

/// A pod that uses the images, which is read and never applied.
fn pod(images: &[String]) -> Value {
    let containers = images.iter().enumerate().map(|(index, image)| {
        map([
            ("name", text(format!("image-{index}"))),
            ("image", text(image)),
        ])
    });
    map([
        ("apiVersion", text("v1")),
        ("kind", text("Pod")),
        ("metadata", map([("name", text("images"))])),
        ("spec", map([("containers", list(containers))])),
    ])
}
