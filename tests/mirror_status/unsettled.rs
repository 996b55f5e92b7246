//! Answers, and missing ones, that do not settle whether a mirror is current.

use std::fs;
use std::time::Duration;

use super::pair::{MORE, Pair, check};
use super::server::{Reply, reply};
use crate::support::assert_text_eq;

/// Every request of the mirror's gets this answer.
#[track_caller]
fn unsettled(answer: &Reply, args: &[&str], why: &str) {
    let (pair, _) = Pair::healthy();
    pair.mirror.always("", answer.clone());
    check(
        &pair,
        args,
        "unknown",
        &format!("unknown: MIRROR: {why}"),
        2,
    );
    let (pair, _) = Pair::healthy();
    pair.vendor.always("", answer.clone());
    check(
        &pair,
        args,
        "unknown",
        &format!("unknown: VENDOR: {why}"),
        2,
    );
}

#[test]
fn an_answer_that_settles_nothing_says_why() {
    let log_in = "\n  help: log in by `docker login` or `podman login`";
    let needs = format!("401: it asks for credentials, and none are configured for it{log_in}");
    unsettled(&reply(401), &[], &needs);
    let basic = reply(401).header("WWW-Authenticate", "Basic realm=\"x\"");
    unsettled(&basic, &[], &needs);
    unsettled(
        &reply(403),
        &[],
        "403: it does not let the image be read\n  help: allow the user that is logged in to pull",
    );
    let busy = "429: it takes no more requests for now\n  help: log in, or wait";
    unsettled(&reply(429), &["--retries", "0"], busy);
    unsettled(&reply(429).header("Retry-After", "0"), &[], busy);
    let fails = |status| format!("{status}: the registry fails");
    unsettled(&reply(500), &["--retries", "1"], &fails(500));
    unsettled(&reply(503).header("Retry-After", "0"), &[], &fails(503));
    unsettled(&reply(418), &[], "418: an answer that is inconclusive");
    let endless = "it redirects endlessly, or to a place without TLS";
    unsettled(&reply(307).header("Location", "/v2/again"), &[], endless);
    let elsewhere = reply(307).header("Location", "http://registry.example.com/v2/x");
    unsettled(&elsewhere, &[], endless);
    unsettled(&reply(307), &[], endless);
}

#[test]
fn a_vendor_without_the_image_settles_nothing() {
    let (pair, _) = Pair::healthy();
    pair.vendor.forget("acme/agent/manifests/latest");
    let line = "unknown: VENDOR: 404: it does not have the image";
    check(&pair, &[], "unknown", line, 2);
}

#[test]
fn a_registry_that_keeps_silent_is_waited_for_no_longer_than_is_said() {
    let silent = Reply {
        silent: Duration::from_secs(30),
        ..reply(200)
    };
    let slow = Reply {
        slow: true,
        ..reply(200)
    };
    let line = "unknown: MIRROR: timeout: it did not answer in time\n  help: raise --timeout";
    let (pair, _) = Pair::healthy();
    pair.mirror.always("latest", silent.clone());
    check(&pair, &["--timeout", "1"], "unknown", line, 2);
    let (pair, image) = Pair::healthy();
    pair.mirror.always(&image.digest, slow.body([b' '; 1000]));
    check(&pair, &["--timeout", "1"], "unknown", line, 2);
    let (pair, _) = Pair::healthy();
    pair.mirror.always("latest", silent);
    let line = "unknown: MIRROR: timeout: the time limit of the run was reached\n  help: raise --time-limit";
    check(&pair, &["--time-limit", "1"], "unknown", line, 2);
}

#[test]
fn a_host_that_does_not_answer_is_named() {
    let (pair, _) = Pair::healthy();
    let closed = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let host = closed.local_addr().expect("an address").to_string();
    drop(closed);
    let config = pair.folder.path().join("restore-images.yaml");
    let text = fs::read_to_string(&config).expect("text");
    fs::write(&config, text.replace(&pair.mirror.host, &host)).expect("written");
    pair.uses(&format!("{host}/copies/acme/agent"));
    let said = pair.said(&pair.run(&[])).replace(&host, "CLOSED");
    let expected = format!(
        "CLOSED/copies/acme/agent:latest: unknown: CLOSED: nobody answers there\n  help: see whether the host is reached from here, and set HTTPS_PROXY where a proxy is needed\n1 image on mirrors, 1 unknown{MORE}\nexit 2\n"
    );
    assert_text_eq(&said, &expected);
}

#[test]
fn a_host_that_is_not_listed_is_spoken_to_over_tls() {
    let (pair, _) = Pair::healthy();
    let config = pair.folder.path().join("restore-images.yaml");
    let text = fs::read_to_string(&config).expect("text");
    let listed = format!(", \"{}\"]\n", pair.mirror.host);
    let text = text.replacen(&listed, "]\n", 1);
    fs::write(&config, text).expect("written");
    check(
        &pair,
        &[],
        "unknown",
        "unknown: MIRROR: TLS: its certificate is not trusted, or it does not speak TLS\n  help: give the certificate of its authority by --ca-bundle; a host without TLS is listed under `plainHttpRegistries` in the configuration",
        2,
    );
    assert!(pair.mirror.log().is_empty(), "{:?}", pair.mirror.log());
}
