//! `mirror status`: what becomes of an image whose mirror, or whose vendor's registry, is wrong in one
//! way or another.

mod answers;
mod credentials;
mod lacks;
mod pair;
mod pods;
mod proxies;
mod real;
mod server;
mod unsettled;

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::support::{assert_text_eq, binary, finish};
use pair::{MORE, NEW, OLD, Pair, check};
use server::{Image, digest_of, reply};

#[test]
fn a_mirror_that_holds_what_the_vendor_publishes_is_current() {
    let (pair, image) = Pair::healthy();
    pair.check(
        &[],
        &format!("1 image on mirrors, 1 current{MORE}\nexit 0\n"),
    );
    let digest = &image.digest;
    let asked = [
        vec!["HEAD acme/agent/manifests/latest".to_owned()],
        vec![
            "HEAD copies/acme/agent/manifests/latest".to_owned(),
            format!("GET copies/acme/agent/manifests/{digest}"),
        ],
    ];
    assert_eq!([pair.vendor.log(), pair.mirror.log()], asked);
    check(
        &pair,
        &["--verbose", "--deep"],
        "current",
        "current: the mirror holds what the vendor publishes",
        0,
    );
}

#[test]
fn a_stale_tag_is_behind() {
    let mut pair = Pair::new();
    pair.publish("NEW", &Image::new("new", Some(NEW), &["amd64", "arm64"]));
    pair.copy("OLD", &Image::new("old", Some(OLD), &["amd64", "arm64"]));
    let line = "the mirror's `latest` was made 23 days before the vendor's, on 2026-11-01 and 2026-11-24: OLD, and NEW at the vendor's";
    let error = format!("behind: {line}\n  help: run the job that copies to the mirror");
    check(&pair, &[], "behind", &error, 1);
    let allowed = format!("behind, as far as --max-behind allows: {line}");
    check(&pair, &["--max-behind", "23d"], "behind", &allowed, 0);
    check(&pair, &["--max-behind", "551h"], "behind", &error, 1);
}

#[test]
fn a_week_behind_is_allowed() {
    let mut pair = Pair::new();
    pair.publish("NEW", &Image::new("new", Some(NEW), &["amd64"]));
    let made = Image::new("old", Some("2026-11-17T12:00:01+00:00"), &["amd64"]);
    pair.copy("OLD", &made);
    check(
        &pair,
        &[],
        "behind",
        "behind, as far as --max-behind allows: the mirror's `latest` was made 6 days before the vendor's, on 2026-11-17 and 2026-11-24: OLD, and NEW at the vendor's",
        0,
    );
}

/// A mirror that is a few days older than the vendor's image lacks it since that was made.
#[test]
fn an_image_that_the_mirror_lacks_for_longer_than_a_week_is_wrong() {
    let mut pair = Pair::new();
    pair.publish(
        "NEW",
        &Image::new("new", Some("2026-08-06T00:00:00Z"), &["amd64"]),
    );
    pair.copy(
        "OLD",
        &Image::new("old", Some("2026-08-01T00:00:00Z"), &["amd64"]),
    );
    check(
        &pair,
        &[],
        "behind",
        "behind: the mirror's `latest` was made 5 days before the vendor's, on 2026-08-01 and 2026-08-06: OLD, and NEW at the vendor's\n  help: run the job that copies to the mirror",
        1,
    );
}

#[test]
fn an_image_that_does_not_say_when_it_was_made_is_behind() {
    for (new, old) in [
        (None, Some(OLD)),
        (Some(NEW), None),
        (None, None),
        (Some("1970-01-01T00:00:00Z"), Some(OLD)),
    ] {
        let mut pair = Pair::new();
        pair.publish("NEW", &Image::new("new", new, &["amd64", "arm64"]));
        pair.copy("OLD", &Image::new("old", old, &["amd64", "arm64"]));
        check(
            &pair,
            &[],
            "behind",
            "behind: the mirror's `latest` is another image than the vendor's, and neither says when it was made: OLD, and NEW at the vendor's\n  help: run the job that copies to the mirror",
            1,
        );
    }
}

#[test]
fn an_image_that_is_not_older_is_another_one() {
    let mut pair = Pair::new();
    pair.publish("NEW", &Image::new("old", Some(OLD), &["amd64"]));
    pair.copy(
        "OTHER",
        &Image::new("new", Some("2026-11-01T15:00:00Z"), &["amd64"]),
    );
    check(
        &pair,
        &[],
        "different",
        "different: the mirror's `latest` was made 3 hours after the vendor's, on 2026-11-01 and 2026-11-01: OTHER, and NEW at the vendor's\n  help: ask who writes to the mirror besides the job that copies",
        1,
    );
}

#[test]
fn a_tag_that_is_not_there_is_missing() {
    let (pair, _) = Pair::healthy();
    pair.mirror.forget("copies/acme/agent/manifests/latest");
    let line =
        "missing: the mirror does not have `latest`\n  help: run the job that copies to the mirror";
    check(&pair, &[], "missing", line, 1);
}

#[test]
fn a_tag_whose_digest_leads_to_nothing_is_unreadable() {
    let (pair, image) = Pair::healthy();
    let digest = &image.digest;
    pair.mirror
        .forget(&format!("copies/acme/agent/manifests/{digest}"));
    let help = "\n  help: copy the image again, and look for what deletes on the mirror";
    let line = format!(
        "unreadable: the mirror cannot give NEW: MIRROR: 404: it does not have the image{help}"
    );
    check(&pair, &[], "unreadable", &line, 1);
    let path = format!("copies/acme/agent/manifests/{digest}");
    pair.mirror.hold(&path, b"other bytes");
    let line = format!(
        "unreadable: the mirror cannot give NEW: MIRROR: the bytes that it gives do not match the digest{help}"
    );
    check(&pair, &[], "unreadable", &line, 1);
}

const WHOLE: &str =
    "\n  help: copy all platforms and keep digests: `skopeo copy --all --preserve-digests`";

#[test]
fn one_platform_less_is_partial() {
    // The list has lost an entry.
    let mut pair = Pair::new();
    let whole = || Image::new("new", Some(NEW), &["amd64", "arm64"]);
    pair.publish("NEW", &whole());
    let some = whole();
    let first = some.entries[0].clone();
    pair.copy("SOME", &some.listing(&[first]));
    let line = format!("partial: the mirror lacks linux/arm64{WHOLE}");
    check(&pair, &[], "partial", &line, 1);
    // One image in the place of the list.
    let mut pair = Pair::new();
    pair.publish("NEW", &whole());
    let mut one = whole();
    one.digest = one.entries[1]["digest"].as_str().expect("text").to_owned();
    pair.copy("ONE", &one);
    let line = format!("partial: the mirror lacks linux/amd64{WHOLE}");
    check(&pair, &[], "partial", &line, 1);
    // The list is whole, and an image of it is gone.
    let (pair, image) = Pair::healthy();
    let digest = image.entries[1]["digest"].as_str().expect("text");
    pair.mirror
        .forget(&format!("copies/acme/agent/manifests/{digest}"));
    let line = format!("partial: the mirror lacks linux/arm64{WHOLE}");
    check(&pair, &["--deep"], "partial", &line, 1);
}

#[test]
fn a_list_that_was_written_anew_is_named_so() {
    let mut pair = Pair::new();
    let whole = Image::new("new", Some(NEW), &["amd64", "arm64"]);
    pair.publish("NEW", &whole);
    let mut entries = whole.entries.clone();
    entries.reverse();
    pair.copy("ANEW", &whole.listing(&entries));
    let line = format!(
        "rewritten: the mirror holds the vendor's images under a list of its own, so that pins by digest and signatures do not fit: ANEW, and NEW at the vendor's{WHOLE}"
    );
    check(&pair, &[], "rewritten", &line, 1);
}

#[test]
fn lists_within_lists_are_followed() {
    let nested = |entries: &dyn Fn(&Image) -> Vec<Value>| {
        let inner = Image::new("new", Some(NEW), &["amd64", "arm64"]);
        let entry = json!({"mediaType": server::INDEX, "digest": inner.digest, "size": 1});
        let rest = entries(&inner);
        inner.listing(&[vec![entry], rest].concat())
    };
    let (mut pair, outer) = (Pair::new(), nested(&|_| Vec::new()));
    pair.publish("NEW", &outer);
    pair.copy("NEW", &outer);
    pair.check(&["--deep"], "1 image on mirrors, 1 current\nexit 0\n");
    let arm = outer.entries[1]["digest"].as_str().expect("text");
    pair.mirror
        .forget(&format!("copies/acme/agent/manifests/{arm}"));
    let line = format!("partial: the mirror lacks linux/arm64{WHOLE}");
    check(&pair, &["--deep"], "partial", &line, 1);
    // A flat list of the same images is only another list.
    let mut pair = Pair::new();
    pair.publish("NEW", &outer);
    pair.copy("FLAT", &Image::new("new", Some(NEW), &["amd64", "arm64"]));
    let run = pair.run(&[]);
    let said = pair.said(&run);
    assert!(said.contains(": rewritten: "), "{said}");
    // A list within itself comes to an end.
    let mut pair = Pair::new();
    pair.publish("NEW", &outer);
    let inner = json!({"manifests": [{"mediaType": server::INDEX, "digest": outer.digest}]});
    let inner = inner.to_string().into_bytes();
    pair.copy("NEW", &outer);
    pair.mirror
        .hold("copies/acme/agent/manifests/latest", &inner);
    let path = format!("copies/acme/agent/manifests/{}", digest_of(&inner));
    pair.mirror.hold(&path, &inner);
    let said = pair.said(&pair.run(&[]));
    assert!(said.contains(": rewritten: "), "{said}");
}

#[test]
fn what_is_attached_is_looked_for() {
    let (pair, image) = Pair::healthy();
    let tag = format!("{}.sig", image.digest.replace(':', "-"));
    pair.vendor
        .hold(&format!("acme/agent/manifests/{tag}"), b"{}");
    pair.check(
        &[],
        &format!("1 image on mirrors, 1 current{MORE}\nexit 0\n"),
    );
    let help = "\n  help: copy what is attached as well: `regctl image copy --digest-tags --referrers`, or `cosign copy`";
    let line = format!("unsigned: the mirror lacks what the vendor attached: NEW-TAG.sig{help}");
    check(&pair, &["--deep"], "unsigned", &line, 1);
    pair.mirror
        .hold(&format!("copies/acme/agent/manifests/{tag}"), b"{}");
    let line = format!(
        "unsigned: the mirror lacks what the vendor attached: what NEW-TAG.sig leads to{help}"
    );
    check(&pair, &["--deep"], "unsigned", &line, 1);
    let signature = format!("copies/acme/agent/manifests/{}", digest_of(b"{}"));
    pair.mirror.hold(&signature, b"{}");
    pair.check(&["--deep"], "1 image on mirrors, 1 current\nexit 0\n");
    // Another signature is not the vendor's.
    pair.vendor
        .hold(&format!("acme/agent/manifests/{tag}"), b"{ }");
    let line = format!(
        "unsigned: the mirror lacks what the vendor attached: the vendor's NEW-TAG.sig{help}"
    );
    check(&pair, &["--deep"], "unsigned", &line, 1);
    // Referrers, by the registry's own list and by the tag that stands in for it.
    let referrers = |digests: &[&str]| {
        let entries: Vec<Value> = digests.iter().map(|it| json!({"digest": it})).collect();
        json!({"manifests": entries}).to_string().into_bytes()
    };
    let listed = format!("referrers/{}", image.digest);
    let fallback = format!("manifests/{}", image.digest.replace(':', "-"));
    for (at_vendor, at_mirror) in [(&listed, &fallback), (&fallback, &listed)] {
        let (pair, _) = Pair::healthy();
        let all = referrers(&["sha256:a", "sha256:b"]);
        pair.vendor.hold(&format!("acme/agent/{at_vendor}"), &all);
        let line =
            format!("unsigned: the mirror lacks what the vendor attached: 2 of 2 referrers{help}");
        check(&pair, &["--deep"], "unsigned", &line, 1);
        let path = format!("copies/acme/agent/{at_mirror}");
        pair.mirror.hold(&path, &referrers(&["sha256:b"]));
        let line =
            format!("unsigned: the mirror lacks what the vendor attached: 1 of 2 referrers{help}");
        check(&pair, &["--deep"], "unsigned", &line, 1);
        pair.mirror.hold(&path, &all);
        pair.check(&["--deep"], "1 image on mirrors, 1 current\nexit 0\n");
    }
}

#[test]
fn what_is_attached_to_the_image_of_one_platform_is_looked_for() {
    let help = "\n  help: copy what is attached as well: `regctl image copy --digest-tags --referrers`, or `cosign copy`";
    let (mut pair, image) = Pair::healthy();
    let child = image.entries[1]["digest"].as_str().expect("text");
    let tag = child.replace(':', "-");
    pair.words.push((tag.clone(), "CHILD-TAG".to_owned()));
    pair.vendor
        .hold(&format!("acme/agent/manifests/{tag}.att"), b"{}");
    let referrers = json!({"manifests": [{"digest": "sha256:a"}]}).to_string();
    let path = format!("acme/agent/referrers/{child}");
    pair.vendor.hold(&path, referrers.as_bytes());
    let line = format!(
        "unsigned: the mirror lacks what the vendor attached: CHILD-TAG.att of linux/arm64, 1 of 1 referrers of linux/arm64{help}"
    );
    check(&pair, &["--deep"], "unsigned", &line, 1);
}

#[test]
fn blobs_are_looked_for() {
    let (pair, image) = Pair::healthy();
    let child = image.entries[1]["digest"].as_str().expect("text");
    let manifest: Value = serde_json::from_slice(&image.manifests[child]).expect("JSON");
    let config = manifest["config"]["digest"].as_str().expect("text");
    pair.mirror
        .forget(&format!("copies/acme/agent/blobs/{config}"));
    pair.check(
        &[],
        &format!("1 image on mirrors, 1 current{MORE}\nexit 0\n"),
    );
    let line = format!("partial: the mirror lacks 1 of 1 blobs of linux/arm64{WHOLE}");
    check(&pair, &["--deep"], "partial", &line, 1);
    // A blob that is kept elsewhere is there, and nobody else is asked for it.
    let elsewhere = reply(307).header("Location", "https://blobs.example.com/x?token=y");
    pair.mirror.always(config, elsewhere);
    pair.check(&["--deep"], "1 image on mirrors, 1 current\nexit 0\n");
}

#[test]
fn a_busy_registry_is_asked_again() {
    let (pair, _) = Pair::healthy();
    let count = std::sync::atomic::AtomicUsize::new(0);
    pair.mirror.rule(move |_| {
        let before = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let busy = reply(429).header("Retry-After", "0");
        before.is_multiple_of(3).then_some(busy)
    });
    pair.check(
        &[],
        &format!("1 image on mirrors, 1 current{MORE}\nexit 0\n"),
    );
}

#[test]
fn a_header_that_is_not_there_is_made_up_for() {
    let (pair, image) = Pair::healthy();
    let bytes = image.manifests[&image.digest].clone();
    pair.mirror.always("latest", reply(200).body(bytes));
    pair.check(
        &[],
        &format!("1 image on mirrors, 1 current{MORE}\nexit 0\n"),
    );
}

#[test]
fn an_image_that_is_pinned_is_looked_for_by_its_digest() {
    let (pair, image) = Pair::healthy();
    let config = pair.folder.path().join("restore-images.yaml");
    let text = fs::read_to_string(&config).expect("text");
    fs::write(&config, text.replace("tag: floating", "tag: keep")).expect("written");
    let (host, digest) = (&pair.mirror.host, &image.digest);
    pair.uses(&format!("{host}/copies/acme/agent:v1@{digest}"));
    pair.check(
        &[],
        &format!("1 image on mirrors, 1 current{MORE}\nexit 0\n"),
    );
    assert_eq!(
        pair.vendor.log(),
        [format!("HEAD acme/agent/manifests/{digest}")]
    );
    let path = format!("copies/acme/agent/manifests/{digest}");
    assert_eq!(pair.mirror.log(), [format!("GET {path}")]);
    pair.mirror.forget(&path);
    pair.check(
        &[],
        &format!("MIRROR/copies/acme/agent@NEW: missing: the mirror does not have `NEW`\n  help: run the job that copies to the mirror\n1 image on mirrors, 1 missing{MORE}\nexit 1\n"),
    );
}

/// So many healthy images: every one is current, for at most two requests of each side.
fn healthy_images(count: usize) {
    let pair = Pair::of_healthy_images(count);
    pair.check(
        &[],
        &format!("{count} images on mirrors, {count} current{MORE}\nexit 0\n"),
    );
    assert!(
        pair.vendor.log().len() <= 2 * count,
        "{}",
        pair.vendor.log().len()
    );
    assert!(
        pair.mirror.log().len() <= 2 * count,
        "{}",
        pair.mirror.log().len()
    );
}

#[test]
fn two_hundred_healthy_images_raise_no_alarm() {
    healthy_images(200);
}

/// By hand: `cargo test --release --locked mirror_status -- --ignored --nocapture`.
#[test]
#[ignore = "takes seconds, and shows nothing that 200 do not"]
fn a_thousand_healthy_images_take_seconds() {
    healthy_images(1000);
}

#[test]
fn profiles_alone_name_images_too() {
    let (pair, _) = Pair::healthy();
    fs::remove_file(pair.folder.path().join("pod.yaml")).expect("removed");
    pair.check(&[], "0 images on mirrors\nno image that was looked at comes from a mirror that a rule names, so nothing was asked\nexit 0\n");
    pair.check(
        &["--profiles"],
        &format!("1 image on mirrors, 1 current{MORE}\nexit 0\n"),
    );
}

#[test]
fn a_stream_names_images_too() {
    let (pair, _) = Pair::healthy();
    let pod = fs::read(pair.folder.path().join("pod.yaml")).expect("read");
    let mut command = Command::new(binary());
    command
        .current_dir(pair.folder.path())
        .env("HOME", "/nowhere");
    let run = finish(
        &mut command,
        &["mirror", "status", "-", "-c", "restore-images.yaml"],
        &pod,
    );
    assert_text_eq(
        &pair.said(&run),
        &format!("1 image on mirrors, 1 current{MORE}\nexit 0\n"),
    );
}

#[test]
fn programs_get_the_same() {
    let mut pair = Pair::new();
    pair.publish("NEW", &Image::new("new", Some(NEW), &["amd64", "arm64"]));
    pair.copy("OLD", &Image::new("old", Some(OLD), &["amd64", "arm64"]));
    let run = pair.run(&["--format", "json"]);
    let document: Value = serde_json::from_slice(&run.stdout).expect("JSON");
    let schema: Value =
        serde_json::from_str(include_str!("../function/mirror.schema.json")).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    assert!(validator.is_valid(&document), "{document}");
    pair.check(
        &["--format", "json"],
        r#"{
  "version": 1,
  "deep": false,
  "requests": 12,
  "images": [
    {
      "official": "VENDOR/acme/agent",
      "mirror": "MIRROR/copies/acme/agent",
      "tag": "latest",
      "state": "behind",
      "isError": true,
      "message": "the mirror's `latest` was made 23 days before the vendor's, on 2026-11-01 and 2026-11-24: OLD, and NEW at the vendor's",
      "help": "run the job that copies to the mirror",
      "behindSeconds": 1987200,
      "atOfficial": {
        "digest": "NEW",
        "created": 1795521600
      },
      "atMirror": {
        "digest": "OLD",
        "created": 1793534400
      },
      "lacks": []
    }
  ]
}
exit 1
"#,
    );
    let labels =
        "official=\"VENDOR/acme/agent\",mirror=\"MIRROR/copies/acme/agent\",version=\"latest\"";
    let states = [
        "current",
        "behind",
        "different",
        "rewritten",
        "unsigned",
        "partial",
        "unreadable",
        "missing",
        "unknown",
    ];
    let states = states.map(|state| {
        let value = u8::from(state == "behind");
        format!("restore_images_mirror_state{{{labels},state=\"{state}\"}} {value}\n")
    });
    let metrics = format!(
        "# HELP restore_images_mirror_state Whether the mirror's copy of an image is in this state.
# TYPE restore_images_mirror_state gauge
{}# HELP restore_images_mirror_error Whether the mirror's copy has been wrong for longer than is allowed.
# TYPE restore_images_mirror_error gauge
restore_images_mirror_error{{{labels}}} 1
# HELP restore_images_mirror_behind_seconds By how much the mirror's copy is older than the vendor's image.
# TYPE restore_images_mirror_behind_seconds gauge
restore_images_mirror_behind_seconds{{{labels}}} 1987200
exit 1
",
        states.concat()
    );
    pair.check(&["--format", "prometheus"], &metrics);
    pair.check(
        &["--format", "junit"],
        r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="restore-images mirror status" tests="1" skipped="0" failures="1" errors="0">
    <testsuite name="mirrors" tests="1" skipped="0" errors="0" failures="1">
        <testcase name="MIRROR/copies/acme/agent:latest" classname="mirrors">
            <failure message="the mirror&apos;s `latest` was made 23 days before the vendor&apos;s, on 2026-11-01 and 2026-11-24: OLD, and NEW at the vendor&apos;s" type="behind">run the job that copies to the mirror</failure>
        </testcase>
    </testsuite>
</testsuites>
exit 1
"#,
    );
}

#[test]
fn the_functions_binary_holds_no_network_code() {
    let tree = |features: &[&str]| {
        let output = Command::new(env!("CARGO"))
            .args([
                "tree",
                "--locked",
                "--offline",
                "-e",
                "normal",
                "--prefix",
                "none",
            ])
            .args(["--target", "all", "--format", "{p}"])
            .args(features)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .expect("cargo runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{said}");
        String::from_utf8(output.stdout).expect("text")
    };
    let (with, without) = (tree(&[]), tree(&["--no-default-features"]));
    for package in [
        "ureq",
        "rustls",
        "ring",
        "docker_credential",
        "rustls-native-certs",
        "http",
    ] {
        let name = format!("{package} v");
        let is_in = |tree: &str| tree.lines().any(|line| line.starts_with(&name));
        assert!(is_in(&with) && !is_in(&without), "{package}");
    }
    // The image is built without them.
    assert!(include_str!("../.ci/static").contains(" --no-default-features "));
    assert!(
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("src/mirror/client.rs")
            .is_file()
    );
}
