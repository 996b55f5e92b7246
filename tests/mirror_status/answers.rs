//! What registries answer in more than one way, and the same is meant.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;

use super::pair::{MORE, NEW, OLD, Pair, check};
use super::server::{Image, Reply, reply};

/// The pair's image is found to be current.
#[track_caller]
fn is_current(pair: &Pair) {
    pair.check(
        &[],
        &format!("1 image on mirrors, 1 current{MORE}\nexit 0\n"),
    );
}

/// Answers the first requests to paths that end so by one reply each.
fn first(pair: &Pair, end: &'static str, replies: &[Reply]) -> Arc<AtomicUsize> {
    let asked = Arc::new(AtomicUsize::new(0));
    let (counted, replies) = (Arc::clone(&asked), replies.to_vec());
    pair.mirror.rule(move |request| {
        let path = request.path.split('?').next().unwrap_or_default();
        if !path.ends_with(end) {
            return None;
        }
        let before = counted.fetch_add(1, Ordering::Relaxed);
        replies.get(before).cloned()
    });
    asked
}

#[test]
fn a_busy_token_service_is_asked_again() {
    for status in [429, 503, 520] {
        let (pair, _) = Pair::healthy();
        let host = pair.mirror.host.clone();
        pair.mirror.rule(move |request| {
            if request.path.starts_with("/token?") {
                return Some(reply(200).body("{\"token\": \"t\"}"));
            }
            let is_open = request.authorization.as_deref() == Some("Bearer t");
            let realm = format!("Bearer realm=\"http://{host}/token\"");
            (!is_open).then(|| reply(401).header("WWW-Authenticate", realm))
        });
        let busy = reply(status).header("Retry-After", "0");
        let asked = first(&pair, "/token", &[busy.clone(), busy]);
        is_current(&pair);
        assert_eq!(asked.load(Ordering::Relaxed), 3);
    }
}

#[test]
fn whatever_fails_for_a_moment_is_asked_again() {
    for status in [408, 429, 500, 502, 503, 504, 520, 522] {
        let (pair, _) = Pair::healthy();
        let asked = first(&pair, "latest", &[reply(status).header("Retry-After", "0")]);
        is_current(&pair);
        assert_eq!(asked.load(Ordering::Relaxed), 2, "{status}");
    }
    for status in [501, 505] {
        let (pair, _) = Pair::healthy();
        let asked = first(&pair, "latest", &[reply(status)]);
        let line = format!("unknown: MIRROR: {status}: the registry fails");
        check(&pair, &[], "unknown", &line, 2);
        assert_eq!(asked.load(Ordering::Relaxed), 1, "{status}");
    }
}

#[test]
fn a_registry_is_left_alone_for_as_long_as_it_says() {
    let (pair, _) = Pair::healthy();
    let busy = reply(429)
        .header("Date", "Wed, 21 Oct 2026 07:28:00 GMT")
        .header("Retry-After", "Wed, 21 Oct 2026 07:28:02 GMT");
    first(&pair, "latest", &[busy]);
    let began = Instant::now();
    is_current(&pair);
    assert!(began.elapsed() >= Duration::from_secs(2));
    // Nobody waits for what comes too late.
    for wait in ["601", "Thu, 22 Oct 2026 07:28:00 GMT"] {
        let (pair, _) = Pair::healthy();
        let busy = reply(429)
            .header("Date", "Wed, 21 Oct 2026 07:28:00 GMT")
            .header("Retry-After", wait);
        let asked = first(&pair, "latest", &[busy]);
        let line =
            "unknown: MIRROR: 429: it takes no more requests for now\n  help: log in, or wait";
        let began = Instant::now();
        check(&pair, &["--time-limit", "600"], "unknown", line, 2);
        assert!(began.elapsed() < Duration::from_secs(20));
        assert_eq!(asked.load(Ordering::Relaxed), 1);
    }
}

#[test]
fn the_first_challenge_that_is_understood_is_met() {
    for challenges in [
        &["Negotiate", "Basic realm=\"x\""][..],
        &["Negotiate, Basic realm=\"x\""],
        &["Bearer", "Basic realm=\"x\""],
    ] {
        let (pair, _) = Pair::healthy();
        pair.log_in(
            &pair.mirror.host,
            &json!({"username": "robot", "password": "x"}),
        );
        pair.mirror.rule(move |request| {
            let mut refused = reply(401);
            for challenge in challenges {
                refused = refused.header("WWW-Authenticate", *challenge);
            }
            let is_open = request.authorization.as_deref() == Some("Basic cm9ib3Q6eA==");
            (!is_open).then_some(refused)
        });
        is_current(&pair);
    }
}

#[test]
fn redirects_are_followed_wherever_they_are_written_from() {
    for to in [
        "/v2/copies/acme/agent/manifests/latest?r=1",
        "//MIRROR/v2/copies/acme/agent/manifests/latest?r=1",
        "http://MIRROR/v2/copies/acme/agent/manifests/latest?r=1",
        "latest?r=1",
        "../manifests/latest?r=1",
        "?r=1",
    ] {
        let (mut pair, image) = Pair::healthy();
        let to = to.replace("MIRROR", &pair.mirror.host);
        pair.mirror
            .always("latest", reply(307).header("Location", to));
        pair.mirror.push("copies/acme/agent", "latest?r=1", &image);
        pair.name("NEW", &image);
        is_current(&pair);
    }
    // A place without TLS is none because it is written short.
    let (pair, _) = Pair::healthy();
    let to = reply(307).header("Location", "//registry.example.com/v2/x");
    pair.mirror.always("latest", to);
    let line = "unknown: MIRROR: it redirects without end, or to a place without TLS";
    check(&pair, &[], "unknown", line, 2);
}

#[test]
fn one_platform_that_is_old_is_behind() {
    let mut pair = Pair::new();
    let amd64 = Image::new("same", Some(NEW), &["amd64"]);
    let mixed = |words: &str, created: &str| {
        let arm64 = Image::new(words, Some(created), &["arm64"]);
        let entries = [amd64.entries.clone(), arm64.entries.clone()].concat();
        let mut list = arm64.listing(&entries);
        list.hold(&amd64);
        list
    };
    pair.publish("NEW", &mixed("new", NEW));
    pair.copy("OLD", &mixed("old", OLD));
    let line = "behind: the mirror's `latest` was made 23 days before the vendor's, on 2026-11-01 and 2026-11-24: OLD, and NEW at the vendor's\n  help: run the job that copies to the mirror";
    check(&pair, &[], "behind", line, 1);
}

const ATTACH: &str = "\n  help: copy what is attached as well: `regctl image copy --digest-tags --referrers`, or `cosign copy`";

fn referrers(digests: &[&str]) -> String {
    let entries: Vec<_> = digests.iter().map(|it| json!({"digest": it})).collect();
    json!({"manifests": entries}).to_string()
}

#[test]
fn referrers_come_in_pages() {
    let (pair, image) = Pair::healthy();
    let digest = &image.digest;
    for (registry, repository) in [
        (&pair.vendor, "acme/agent"),
        (&pair.mirror, "copies/acme/agent"),
    ] {
        let link = format!("</v2/{repository}/referrers/{digest}?n=2>; rel=\"next\"");
        let one = reply(200)
            .header("Link", link)
            .body(referrers(&["sha256:a", "sha256:b"]));
        registry.always(&format!("referrers/{digest}"), one);
    }
    let path = format!("referrers/{digest}?n=2");
    pair.vendor.hold(
        &format!("acme/agent/{path}"),
        referrers(&["sha256:c"]).as_bytes(),
    );
    let mirrors = format!("copies/acme/agent/{path}");
    pair.mirror.hold(&mirrors, referrers(&[]).as_bytes());
    let line =
        format!("unsigned: the mirror lacks what the vendor attached: 1 of 3 referrers{ATTACH}");
    check(&pair, &["--deep"], "unsigned", &line, 1);
    pair.mirror
        .hold(&mirrors, referrers(&["sha256:c"]).as_bytes());
    pair.check(&["--deep"], "1 image on mirrors, 1 current\nexit 0\n");
    // A page of another host is not asked for, and one that leads to itself comes to an end.
    for (to, why) in [
        (
            "http://registry.example.com/v2/x",
            "it redirects without end, or to a place without TLS",
        ),
        ("?n=1", "its answer is larger than a manifest may be"),
    ] {
        let link = reply(200)
            .header("Link", format!("<{to}>; rel=next"))
            .body(referrers(&["sha256:a"]));
        pair.mirror.always("?n=1", link.clone());
        pair.mirror.always(&format!("referrers/{digest}"), link);
        let line = format!("unknown: MIRROR: {why}");
        check(&pair, &["--deep"], "unknown", &line, 2);
    }
}

#[test]
fn a_registry_without_the_api_has_the_tag() {
    for status in [400, 404, 405, 501] {
        let (pair, image) = Pair::healthy();
        let tag = image.digest.replace(':', "-");
        let listed = referrers(&["sha256:a"]);
        pair.vendor
            .hold(&format!("acme/agent/manifests/{tag}"), listed.as_bytes());
        for registry in [&pair.vendor, &pair.mirror] {
            registry
                .rule(move |request| request.path.contains("/referrers/").then(|| reply(status)));
        }
        let line = format!(
            "unsigned: the mirror lacks what the vendor attached: 1 of 1 referrers{ATTACH}"
        );
        check(&pair, &["--deep"], "unsigned", &line, 1);
        pair.mirror.hold(
            &format!("copies/acme/agent/manifests/{tag}"),
            listed.as_bytes(),
        );
        pair.check(&["--deep"], "1 image on mirrors, 1 current\nexit 0\n");
    }
}
