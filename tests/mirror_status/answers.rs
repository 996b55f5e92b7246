//! What registries answer in more than one way, and the same is meant.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;

use super::pair::{MORE, NEW, OLD, Pair, check};
use super::server::{Image, Reply, broken, reply};

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
fn a_connection_that_breaks_is_made_again() {
    for count in [1, 3] {
        let (pair, _) = Pair::healthy();
        let asked = first(&pair, "latest", &vec![broken(); count]);
        is_current(&pair);
        assert_eq!(asked.load(Ordering::Relaxed), count + 1);
    }
    let (pair, _) = Pair::healthy();
    let asked = first(&pair, "latest", &vec![broken(); 9]);
    let line = "unknown: MIRROR: the connection broke\n  help: see whether the host is reached from here, and set HTTPS_PROXY where a proxy is needed";
    check(&pair, &["--retries", "2"], "unknown", line, 2);
    assert_eq!(asked.load(Ordering::Relaxed), 3);
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

/// A registry that is asked by a token or by a password and takes one of both, whichever it names first.
#[test]
fn each_challenge_is_met_until_one_lets_in() {
    let basic = "Basic cm9ib3Q6eA==";
    let orders = |host: &str| {
        let bearer = format!("Bearer realm=\"http://{host}/token\",service=\"x\"");
        let basic = "Basic realm=\"x\"".to_owned();
        let (one, other) = (format!("{bearer}, {basic}"), format!("{basic}, {bearer}"));
        [
            vec![bearer.clone(), basic.clone()],
            vec![basic, bearer],
            vec![one],
            vec![other],
        ]
    };
    for takes in ["Bearer t", basic, "nothing"] {
        for (logged_in, order) in [
            (true, 0),
            (true, 1),
            (true, 2),
            (true, 3),
            (false, 1),
            (false, 2),
        ] {
            // Without credentials, a token may be had all the same.
            if !logged_in && takes == basic {
                continue;
            }
            let (pair, _) = Pair::healthy();
            if logged_in {
                let auth = json!({"username": "robot", "password": "x"});
                pair.log_in(&pair.mirror.host, &auth);
            }
            let challenges = orders(&pair.mirror.host)[order].clone();
            pair.mirror.rule(move |request| {
                if request.path.starts_with("/token?") {
                    let is_given = takes == "Bearer t";
                    return Some(if is_given {
                        reply(200).body("{\"token\": \"t\"}")
                    } else {
                        reply(403)
                    });
                }
                let is_open = request.authorization.as_deref() == Some(takes);
                let refused = challenges.iter().fold(reply(401), |refused, challenge| {
                    refused.header("WWW-Authenticate", challenge)
                });
                (!is_open).then_some(refused)
            });
            let refused = "unknown: MIRROR: 401: it does not take the credentials\n  help: log in anew by `docker login` or `podman login`";
            match (takes, logged_in) {
                ("nothing", true) => check(&pair, &[], "unknown", refused, 2),
                ("nothing", false) => {
                    let why = "unknown: MIRROR: 403: it does not let the image be read\n  help: allow the user that is logged in to pull";
                    check(&pair, &[], "unknown", why, 2);
                }
                _ => is_current(&pair),
            }
        }
    }
}

/// Asks for the token `t`, which the mirror's token service gives by an answer.
fn with_token(pair: &Pair, gives: impl Fn(&str, Option<&str>) -> Reply + Send + 'static) {
    let host = pair.mirror.host.clone();
    pair.mirror.rule(move |request| {
        if request.path.starts_with("/token") {
            return Some(gives(&request.method, request.authorization.as_deref()));
        }
        let is_open = request.authorization.as_deref() == Some("Bearer t");
        let realm = format!("Bearer realm=\"http://{host}/token\"");
        (!is_open).then(|| reply(401).header("WWW-Authenticate", realm))
    });
}

#[test]
fn a_token_has_two_names() {
    for body in [
        r#"{"token": "t"}"#,
        r#"{"access_token": "t"}"#,
        r#"{"token": "", "access_token": "t"}"#,
        r#"{"token": null, "access_token": "t"}"#,
        r#"{"token": "t", "access_token": ""}"#,
    ] {
        let (pair, _) = Pair::healthy();
        with_token(&pair, move |_, _| reply(200).body(body));
        is_current(&pair);
    }
    for body in [r#"{"token": "", "access_token": ""}"#, "{}", "t"] {
        let (pair, _) = Pair::healthy();
        with_token(&pair, move |_, _| reply(200).body(body));
        let line = "unknown: MIRROR: its token service gives no token";
        check(&pair, &[], "unknown", line, 2);
    }
}

/// Not every token service takes the form in which an identity token is sent.
#[test]
fn an_identity_token_is_a_password_where_the_form_is_not_taken() {
    for status in [400, 401, 404, 405] {
        let (pair, _) = Pair::healthy();
        pair.log_in(&pair.mirror.host, &json!({"identitytoken": "id"}));
        with_token(&pair, move |method, authorization| {
            // :id
            let is_right = method == "GET" && authorization == Some("Basic Omlk");
            if is_right {
                reply(200).body("{\"token\": \"t\"}")
            } else {
                reply(status)
            }
        });
        is_current(&pair);
    }
    let (pair, _) = Pair::healthy();
    pair.log_in(&pair.mirror.host, &json!({"identitytoken": "id"}));
    with_token(&pair, |_, _| reply(401));
    let line = "unknown: MIRROR: 401: it does not take the credentials\n  help: log in anew by `docker login` or `podman login`";
    check(&pair, &[], "unknown", line, 2);
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
    let line = "unknown: MIRROR: it redirects endlessly, or to a place without TLS";
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
}

/// The next page is the asked registry's, by whatever name the link calls it.
#[test]
fn links_lead_to_the_next_page_however_they_are_written() {
    for link in [
        "<PATH?n=2>; rel=\"next\"",
        "<http://registry.internal:5000PATH?n=2>; rel=next",
        "<//registry.internalPATH?n=2>; rel=next",
        "<PATH?n=2>",
        "<?n=2>;rel=next",
        "<PATH?n=0>; rel=\"prev\", <PATH?n=2>; rel=\"next\"",
        "<PATH?n=2>; title=\"a, b; c\"; rel=\"next\"",
        "<PATH?n=0>; rel=prev|<PATH?n=2>; rel=next",
        "<PATH?n=0>|<PATH?n=2>; rel=next",
    ] {
        let (pair, image) = Pair::healthy();
        let listed = format!("referrers/{}", image.digest);
        let path = format!("/v2/copies/acme/agent/{listed}");
        let all = referrers(&["sha256:a", "sha256:b"]);
        pair.vendor
            .hold(&format!("acme/agent/{listed}"), all.as_bytes());
        let first = link
            .split('|')
            .fold(reply(200).body(referrers(&["sha256:a"])), |first, link| {
                first.header("Link", link.replace("PATH", &path))
            });
        pair.mirror.always(&listed, first);
        let rest = referrers(&["sha256:b"]);
        let second = format!("copies/acme/agent/{listed}?n=2");
        pair.mirror.hold(&second, rest.as_bytes());
        let said = pair.said(&pair.run(&["--deep"]));
        assert_eq!(said, "1 image on mirrors, 1 current\nexit 0\n", "{link}");
    }
}

#[test]
fn a_list_without_a_next_page_is_named() {
    let absent = "the next page of its list of referrers is not there";
    let endless = "its list of referrers never ends";
    for (link, why) in [
        ("<?n=2>; rel=next", absent),
        ("<https://registry.example.com/v2/x>; rel=next", absent),
        ("<>; rel=next", endless),
        ("<?n=1>; rel=next", endless),
        ("<http://>; rel=next", absent),
    ] {
        let (pair, image) = Pair::healthy();
        let page = reply(200)
            .header("Link", link)
            .body(referrers(&["sha256:a"]));
        pair.mirror.always("?n=1", page.clone());
        pair.mirror
            .always(&format!("referrers/{}", image.digest), page);
        let listed = format!("acme/agent/referrers/{}", image.digest);
        pair.vendor
            .hold(&listed, referrers(&["sha256:a"]).as_bytes());
        let said = pair.said(&pair.run(&["--deep"]));
        let expected = format!(
            "MIRROR/copies/acme/agent:latest: unknown: MIRROR: {why}\n1 image on mirrors, 1 unknown\nexit 2\n"
        );
        assert_eq!(said, expected, "{link}");
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
