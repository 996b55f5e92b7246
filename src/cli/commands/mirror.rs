//! `mirror status`: whether mirrors hold what vendors publish.
//!
//! Who asks is read here: certificates, proxies, and in `mirror/credentials.rs` the credentials of Docker and
//! podman. The rest is the library's `mirror/`.

mod credentials;

use std::collections::{BTreeSet, HashSet};
use std::path::Path;
use std::time::Duration;
use std::{env, fs};

use anyhow::{Context, Result, bail};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::GlobalOptions;
use super::exit_code;
use super::explain;
use super::judged::{JudgedFiles, judge_as_configured};
use super::untold::say_untold;
use crate::cli::args::{MirrorFormat, MirrorStatus};
use crate::cli::input::is_device;
use crate::cli::progress::Progress;
use crate::cli::say;
use crate::cli::terminal;
use crate::config::Config;
use crate::finding::Mode;
use crate::generate::mirrored_by_profiles;
use crate::image::Reference;
use crate::judge::{ImageState, ImageUse, Wants};
use crate::mirror::{self, Client, Limits, Proxies, Settings, Status, report};
use crate::quote::piece;
use crate::registry::Mirrored;
use crate::report::Done;

/// Asks, and says what became of each image; the exit code is 1 if a mirror is wrong, and 2 if an
/// answer settles nothing.
pub(in crate::cli) fn status(args: &MirrorStatus, options: GlobalOptions) -> Result<u8> {
    let quiet = args.volume.quiet;
    let (config, images, is_whole, empty) = if args.profiles {
        let config = explain::config(args.files.config.as_deref(), options)?;
        let images = of_profiles(&config);
        (config, images, true, 0)
    } else {
        let judged = judged(args, options)?;
        let images = of_manifests(&judged);
        // What runs by a tag that is not known here is no mirror that is right.
        let is_told = !say_untold(&judged, "looked at");
        let report = judged.report(Done::Checked);
        let is_whole = is_told && !report.has_problems();
        let empty = exit_code::of_clean(&report, args.files.fail_empty);
        (judged.together.config, images, is_whole, empty)
    };
    // A tag beside a digest is another way to write one image.
    let mut known = HashSet::new();
    let images = images.into_iter().filter(|image| {
        let version = image.digest.clone().or_else(|| image.tag.clone());
        known.insert((image.mirror.to_string(), version))
    });
    let images: Vec<Mirrored> = images.collect();
    if images.is_empty() {
        say(
            "no image that was looked at comes from a mirror that a rule names, so nothing was asked",
        );
    }
    let client = client(args, &config)?;
    let limits = Limits {
        max_behind: args.max_behind,
        now: options.today.unix_days() * 86_400,
        deep: args.deep,
    };
    let asking = Progress::of("asking", "images", images.len(), quiet);
    let statuses = mirror::statuses(&images, &client, limits, &|| asking.step());
    asking.finish();
    tell(args, &statuses, client.requests())?;
    let is_settled = statuses.iter().all(|it| it.state != mirror::State::Unknown);
    let is_wrong = statuses.iter().any(|it| it.is_error);
    Ok(match (is_settled && is_whole, is_wrong) {
        (false, _) => 2,
        (true, true) => 1,
        (true, false) => empty,
    })
}

/// The client that asks for a command, with the credentials of Docker and podman.
pub(super) fn client<'c>(args: &MirrorStatus, config: &'c Config) -> Result<Client<'c>> {
    Ok(Client::new(Settings {
        plain_http: &config.plain_http_registries,
        authorities: authorities(args.ca_bundle.as_deref())?,
        proxies: Proxies::new(&|name| env::var(name).ok()),
        timeout: Duration::from_secs(args.timeout),
        time_limit: Duration::from_secs(args.time_limit),
        retries: args.retries,
        credentials: credentials::OF_USER,
    }))
}

fn tell(args: &MirrorStatus, statuses: &[Status], requests: usize) -> Result<()> {
    let cannot = "cannot write the report";
    match args.format {
        MirrorFormat::Text => {
            let text = report::text(statuses, args.volume.verbose, args.deep);
            terminal::print(&text, false)
        }
        MirrorFormat::Json => {
            let text = report::json(statuses, args.deep, requests).context(cannot)?;
            terminal::print_document(&text)
        }
        MirrorFormat::Junit => terminal::print_document(&report::junit(statuses).context(cannot)?),
        MirrorFormat::Prometheus => terminal::print_document(&report::prometheus(statuses)),
    }
}

fn judged(args: &MirrorStatus, options: GlobalOptions) -> Result<JudgedFiles> {
    let wants = Wants {
        leave_managed: true,
        fixes: false,
        images: true,
    };
    let quiet = args.volume.quiet;
    let judged = judge_as_configured(&args.files, options, Mode::Check, wants, quiet)?;
    judged.say_problems();
    judged.say_notes(false);
    Ok(judged)
}

/// The images that manifests will pull from a mirror once they are right.
fn of_manifests(judged: &JudgedFiles) -> BTreeSet<Mirrored> {
    let files = judged.together.files.iter().flatten();
    let images = files.flat_map(|file| &file.images);
    images.filter_map(mirrored).collect()
}

fn mirrored(image: &ImageUse) -> Option<Mirrored> {
    if image.state == ImageState::Ignored || image.chart_tag.is_some() {
        return None;
    }
    let official = Reference::parse(image.official.as_deref()?).ok()?;
    let desired = Reference::parse(image.desired.as_deref()?).ok()?;
    let (official, mirror) = (official.repository(), desired.repository());
    (official != mirror).then(|| Mirrored::new(official, &desired, mirror))
}

fn of_profiles(config: &Config) -> BTreeSet<Mirrored> {
    let (images, left) = mirrored_by_profiles(config);
    for left in left {
        say(&format!(
            "{}: {} is not looked at: {}, so only manifests could name one",
            left.agent, left.official, left.why
        ));
    }
    images.into_iter().collect()
}

/// The certificates of authorities: the system's, or those that SSL_CERT_FILE and SSL_CERT_DIR name,
/// and those of a file.
fn authorities(bundle: Option<&Path>) -> Result<Vec<Vec<u8>>> {
    let system = rustls_native_certs::load_native_certs().certs;
    let mut authorities: Vec<Vec<u8>> = system.iter().map(|der| der.to_vec()).collect();
    if let Some(path) = bundle {
        let name = piece(&path.display().to_string());
        if is_device(path) {
            bail!("{name}: is a device, which has no end\nhelp: give a file");
        }
        let bytes = fs::read(path).with_context(|| format!("{name}: cannot read the file"))?;
        let before = authorities.len();
        for certificate in CertificateDer::pem_slice_iter(&bytes) {
            // What is in PEM's armour may be anything.
            let certificate = certificate.ok();
            let certificate =
                certificate.filter(|der| RootCertStore::empty().add(der.clone()).is_ok());
            let Some(certificate) = certificate else {
                bail!("{name}: a certificate cannot be read\nhelp: give certificates as PEM");
            };
            authorities.push(certificate.to_vec());
        }
        if authorities.len() == before {
            bail!("{name}: holds no certificate\nhelp: give certificates as PEM");
        }
    }
    Ok(authorities)
}
