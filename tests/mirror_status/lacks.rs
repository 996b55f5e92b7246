//! What a mirror lacks, whatever the age of what it has.

use std::fs;

use serde_json::{Value, json};

use super::pair::{MORE, NEW, OLD, Pair, check};
use super::server::{INDEX, Image, MANIFEST, digest_of, reply};

const WHOLE: &str =
    "\n  help: copy all platforms and keep digests: `skopeo copy --all --preserve-digests`";
const ATTACH: &str = "\n  help: copy what is attached as well: `regctl image copy --digest-tags --referrers`, or `cosign copy`";
/// A moment that `--max-behind` excuses.
const RECENT: &str = "2026-11-21T12:00:00Z";
const AGE: &str = "the mirror's `latest` was made 3 days before the vendor's, on 2026-11-21 and 2026-11-24: OLD, and NEW at the vendor's";

/// A pair whose mirror is three days behind, with an image for these architectures.
fn recent(architectures: &[&str]) -> (Pair, Image) {
    let mut pair = Pair::new();
    pair.publish("NEW", &Image::new("new", Some(NEW), &["amd64", "arm64"]));
    let old = Image::new("old", Some(RECENT), architectures);
    pair.copy("OLD", &old);
    (pair, old)
}

fn entry(image: &Image, index: usize) -> String {
    let digest = image.entries[index]["digest"].as_str();
    digest.expect("a digest").to_owned()
}

#[test]
fn an_age_that_is_allowed_excuses_no_platform_that_is_gone() {
    for args in [&[][..], &["--deep"]] {
        let (pair, _) = recent(&["amd64"]);
        let line = format!("partial: the mirror lacks linux/arm64; {AGE}{WHOLE}");
        check(&pair, args, "partial", &line, 1);
    }
    let (pair, _) = recent(&["amd64", "arm64"]);
    let line = format!("behind, as far as --max-behind allows: {AGE}");
    check(&pair, &["--deep"], "behind", &line, 0);
}

/// What the vendor had not published yet is no lack: its older list is there to tell.
#[test]
fn a_platform_that_the_vendor_added_since_is_a_matter_of_age() {
    let (pair, old) = recent(&["amd64"]);
    pair.vendor.push("acme/agent", "older", &old);
    let line = format!("behind, as far as --max-behind allows: {AGE}; it lacks linux/arm64");
    check(&pair, &[], "behind", &line, 0);
    // The image of one platform is at the vendor's, too, where a list should be.
    let (mut pair, mut old) = recent(&["amd64"]);
    pair.vendor.push("acme/agent", "older", &old);
    old.digest = entry(&old, 0);
    pair.words.retain(|(_, word)| !word.starts_with("OLD"));
    pair.copy("OLD", &old);
    let line = format!("partial: the mirror lacks linux/arm64; {AGE}{WHOLE}");
    check(&pair, &[], "partial", &line, 1);
}

/// One image in the place of a list is for the platform that its configuration says.
#[test]
fn one_image_in_the_place_of_a_list_has_a_platform() {
    let (mut pair, mut old) = recent(&["amd64", "arm64"]);
    old.digest = entry(&old, 1);
    pair.words.retain(|(_, word)| !word.starts_with("OLD"));
    pair.copy("OLD", &old);
    let line = format!("partial: the mirror lacks linux/amd64; {AGE}{WHOLE}");
    check(&pair, &[], "partial", &line, 1);
    // A vendor that publishes one image lacks nothing.
    let mut pair = Pair::new();
    let mut new = Image::new("new", Some(NEW), &["arm64"]);
    new.digest = entry(&new, 0);
    pair.publish("NEW", &new);
    pair.copy("OLD", &old);
    let line = format!("behind, as far as --max-behind allows: {AGE}");
    check(&pair, &[], "behind", &line, 0);
    // Without a word on its platform, it may be any of them.
    let (mut pair, _) = recent(&["amd64"]);
    let config = json!({"created": RECENT}).to_string();
    let digest = digest_of(config.as_bytes());
    let one = json!({"config": {"digest": digest}, "layers": []}).to_string();
    let path = |rest: &str| format!("copies/acme/agent/{rest}");
    pair.mirror
        .hold(&path(&format!("blobs/{digest}")), config.as_bytes());
    let digest = digest_of(one.as_bytes());
    for version in ["latest", &digest] {
        pair.mirror
            .hold(&path(&format!("manifests/{version}")), one.as_bytes());
    }
    pair.words.push((digest, "ONE".to_owned()));
    let line = format!(
        "partial: the mirror lacks all but one of linux/amd64, linux/arm64; {}{WHOLE}",
        AGE.replace("OLD", "ONE")
    );
    check(&pair, &[], "partial", &line, 1);
}

#[test]
fn what_is_left_unsaid_of_a_variant_is_no_other_platform() {
    let variant = |words: &str, created: &str, variant: Option<&str>| {
        let image = Image::new(words, Some(created), &["arm64"]);
        let mut entries = image.entries.clone();
        if let Some(variant) = variant {
            entries[0]["platform"]["variant"] = json!(variant);
        }
        image.listing(&entries)
    };
    for (at_vendor, at_mirror) in [(Some("v8"), None), (None, Some("v8"))] {
        let mut pair = Pair::new();
        pair.publish("NEW", &variant("new", NEW, at_vendor));
        pair.copy("OLD", &variant("old", RECENT, at_mirror));
        let line = format!("behind, as far as --max-behind allows: {AGE}");
        check(&pair, &[], "behind", &line, 0);
    }
}

/// The oldest platform decides, not the usual one.
#[test]
fn the_oldest_platform_is_the_age_of_an_image() {
    let mut pair = Pair::new();
    pair.publish("NEW", &Image::new("new", Some(NEW), &["amd64", "arm64"]));
    let amd64 = Image::new("old", Some(RECENT), &["amd64"]);
    let mut old = Image::new("old", Some(OLD), &["arm64"]);
    old.hold(&amd64);
    let entries = [amd64.entries.clone(), old.entries.clone()].concat();
    pair.copy("OLD", &old.listing(&entries));
    let line = "behind: the mirror's `latest` was made 23 days before the vendor's, on 2026-11-01 and 2026-11-24: OLD, and NEW at the vendor's\n  help: run the job that copies to the mirror";
    check(&pair, &[], "behind", line, 1);
}

#[test]
fn what_an_older_image_holds_is_looked_at() {
    let (pair, old) = recent(&["amd64", "arm64"]);
    let arm = format!("copies/acme/agent/manifests/{}", entry(&old, 1));
    pair.mirror.forget(&arm);
    let line = format!("behind, as far as --max-behind allows: {AGE}");
    check(&pair, &[], "behind", &line, 0);
    let line = format!("partial: the mirror lacks linux/arm64; {AGE}{WHOLE}");
    check(&pair, &["--deep"], "partial", &line, 1);
    pair.mirror.hold(&arm, &old.manifests[&entry(&old, 1)]);
    // What the vendor attached to it, too.
    let tag = format!("{}.sig", old.digest.replace(':', "-"));
    pair.vendor
        .hold(&format!("acme/agent/manifests/{tag}"), b"{}");
    let line =
        format!("unsigned: the mirror lacks what the vendor attached: OLD-TAG.sig; {AGE}{ATTACH}");
    check(&pair, &["--deep"], "unsigned", &line, 1);
}

#[test]
fn a_list_of_its_own_is_looked_through() {
    let mut pair = Pair::new();
    let whole = Image::new("new", Some(NEW), &["amd64", "arm64"]);
    pair.publish("NEW", &whole);
    let mut entries = whole.entries.clone();
    entries.reverse();
    let arm = entry(&whole, 1);
    pair.copy("ANEW", &whole.listing(&entries));
    pair.mirror
        .forget(&format!("copies/acme/agent/manifests/{arm}"));
    let line = format!("partial: the mirror lacks linux/arm64{WHOLE}");
    check(&pair, &["--deep"], "partial", &line, 1);
}

/// A registry goes on listing referrers that something has deleted.
#[test]
fn a_referrer_that_is_listed_and_gone_is_lacking() {
    let (one, other) = (digest_of(b"{}"), digest_of(b"{ }"));
    let listed = json!({"manifests": [{"digest": one}, {"digest": other}]}).to_string();
    for by_api in [true, false] {
        let (pair, image) = Pair::healthy();
        let path = if by_api {
            format!("referrers/{}", image.digest)
        } else {
            format!("manifests/{}", image.digest.replace(':', "-"))
        };
        for (registry, repository) in [
            (&pair.vendor, "acme/agent"),
            (&pair.mirror, "copies/acme/agent"),
        ] {
            registry.hold(&format!("{repository}/{path}"), listed.as_bytes());
            registry.hold(&format!("{repository}/manifests/{one}"), b"{}");
            registry.hold(&format!("{repository}/manifests/{other}"), b"{ }");
        }
        pair.check(&["--deep"], "1 image on mirrors, 1 current\nexit 0\n");
        pair.mirror
            .forget(&format!("copies/acme/agent/manifests/{other}"));
        let line = format!(
            "unsigned: the mirror lacks what the vendor attached: 1 of 2 referrers that it lists{ATTACH}"
        );
        check(&pair, &["--deep"], "unsigned", &line, 1);
    }
}

#[test]
fn an_attestation_of_the_list_that_is_gone_is_lacking() {
    let image = Image::new("new", Some(NEW), &["amd64"]);
    let attestation = json!({
        "mediaType": MANIFEST, "digest": digest_of(b"{}"), "size": 2,
        "platform": {"os": "unknown", "architecture": "unknown"},
    });
    let entries = [image.entries.clone(), vec![attestation]].concat();
    let image = image.listing(&entries);
    let mut pair = Pair::new();
    pair.publish("NEW", &image);
    pair.copy("NEW", &image);
    let line = format!(
        "unsigned: the mirror lacks what the vendor attached: 1 of 1 attestations in its list{ATTACH}"
    );
    check(&pair, &["--deep"], "unsigned", &line, 1);
    let path = format!("copies/acme/agent/manifests/{}", digest_of(b"{}"));
    pair.mirror.hold(&path, b"{}");
    pair.check(&["--deep"], "1 image on mirrors, 1 current\nexit 0\n");
}

/// What is not followed is no image that is whole.
#[test]
fn a_list_that_is_not_followed_to_its_end_settles_nothing() {
    let mut image = Image::new("new", Some(NEW), &["amd64"]);
    for _ in 0..5 {
        let entry = json!({"mediaType": INDEX, "digest": image.digest, "size": 1});
        image = image.listing(&[entry]);
    }
    let other = json!({"mediaType": MANIFEST, "digest": "blake3:00", "size": 1});
    let odd = Image::new("new", Some(NEW), &["amd64"]).listing(&[other]);
    for (image, why) in [
        (image, "its lists are nested too deeply"),
        (odd, "its answer is not a manifest of a known kind"),
    ] {
        let mut pair = Pair::new();
        pair.publish("NEW", &image);
        pair.copy("NEW", &image);
        let line = format!("unknown: MIRROR: {why}");
        check(&pair, &["--deep"], "unknown", &line, 2);
    }
}

#[test]
fn nothing_to_look_at_may_be_a_failure() {
    let (pair, _) = Pair::healthy();
    let pod = pair.folder.path().join("pod.yaml");
    fs::remove_file(&pod).expect("removed");
    let said = "0 images on mirrors\nno image that was looked at comes from a mirror that a rule names, so nothing was asked\nexit";
    pair.check(&["--fail-empty"], &format!("{said} 3\n"));
    pair.check(&[], &format!("{said} 0\n"));
}

/// An image that runs by a tag that is not known here is not clean.
#[test]
fn a_tag_that_a_chart_chooses_settles_nothing() {
    let (pair, _) = Pair::healthy();
    let folder = pair.folder.path();
    let mirror = &pair.mirror.host;
    fs::remove_file(folder.join("pod.yaml")).expect("removed");
    fs::create_dir_all(folder.join("chart/templates")).expect("a folder");
    for (name, text) in [
        ("Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\nappVersion: \"1\"\n".to_owned()),
        ("values.yaml", format!("image:\n  repository: {mirror}/copies/acme/agent\n  tag: \"\"\n")),
        ("templates/pod.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: \"{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}\"}]}\n".to_owned()),
    ] {
        fs::write(folder.join("chart").join(name), text).expect("written");
    }
    let run = pair.run(&["-q", "--format", "json"]);
    assert!(run.stderr.contains("cannot be looked at"), "{}", run.stderr);
    let report: Value = serde_json::from_slice(&run.stdout).expect("JSON");
    assert_eq!(report["images"], json!([]));
    assert_eq!(run.code, 2);
}

#[test]
fn a_token_service_without_tls_that_is_not_listed_is_named_so() {
    let (pair, _) = Pair::healthy();
    let realm = reply(401).header(
        "WWW-Authenticate",
        "Bearer realm=\"http://hunter2:1/token\"",
    );
    pair.mirror.always("latest", realm);
    check(
        &pair,
        &[],
        "unknown",
        "unknown: MIRROR: its token service is spoken to without TLS, and `plainHttpRegistries` does not list that host\n  help: list the token service's host as well, if it may be spoken to so: its registry names it as `realm`, in the header WWW-Authenticate of its answer to /v2/",
        2,
    );
}

#[test]
fn a_certificate_that_is_none_is_refused() {
    let (pair, _) = Pair::healthy();
    let bundle = pair.folder.path().join("ca.pem");
    let text = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    fs::write(bundle, text).expect("written");
    pair.check(
        &["--ca-bundle", "ca.pem"],
        "ca.pem: a certificate cannot be read\nhelp: give certificates as PEM\nexit 2\n",
    );
}

#[test]
fn credentials_are_read_as_gos_programs_read_them() {
    for auth in [
        json!({"auth": "cm9ib3Q6\neA==\n"}),
        json!({"auth": "cm9ib3Q6eA==\r\n"}),
        json!({"auth": "", "username": "robot", "password": "x"}),
    ] {
        let (pair, _) = Pair::healthy();
        pair.log_in(&pair.mirror.host, &auth);
        pair.mirror.rule(|request| {
            let is_open = request.authorization.as_deref() == Some("Basic cm9ib3Q6eA==");
            let refused = reply(401).header("WWW-Authenticate", "Basic realm=\"x\"");
            (!is_open).then_some(refused)
        });
        let said = format!("1 image on mirrors, 1 current{MORE}\nexit 0\n");
        pair.check(&[], &said);
    }
}
