//! Requests that a proxy takes to their hosts.

use std::time::Duration;

use super::pair::{MORE, NEW, Pair};
use super::server::{Image, Registry, Reply, broken, reply};
use crate::support::assert_text_eq;

const LINE: &str = "mirror.example.com:5000/copies/acme/agent:latest";

/// A pair whose hosts nobody but a proxy knows; they speak no TLS where `plain`.
fn behind(plain: bool) -> Pair {
    let mut pair = Pair::new();
    let hosts = ["vendor.example.com", "mirror.example.com:5000"];
    let plain = if plain { &hosts[..] } else { &[] };
    super::real::lead_to(&mut pair, hosts[0], hosts[1], plain);
    pair.words.clear();
    pair
}

/// What a run says with these variables.
fn said(pair: &Pair, variables: &[(&str, &str)]) -> String {
    let run = pair.run_with(&[], |command| {
        command.envs(variables.iter().copied());
    });
    pair.said(&run)
}

/// A proxy that answers for a vendor and its mirror, which have the same image.
fn with_copies() -> Registry {
    let proxy = Registry::start();
    let image = Image::new("new", Some(NEW), &["amd64"]);
    proxy.push("http://vendor.example.com/v2/acme/agent", "latest", &image);
    proxy.push(
        "http://mirror.example.com:5000/v2/copies/acme/agent",
        "latest",
        &image,
    );
    proxy
}

#[test]
fn a_host_without_tls_is_asked_for_by_the_proxy() {
    let (pair, proxy) = (behind(true), with_copies());
    proxy.rule(|request| {
        // me:a b
        let is_he = request.proxy_authorization.as_deref() == Some("Basic bWU6YSBi");
        (!is_he).then(|| reply(407))
    });
    let url = format!("http://me:a%20b@{}", proxy.host);
    let current = format!("1 image on mirrors, 1 current{MORE}\nexit 0\n");
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY"] {
        assert_text_eq(&said(&pair, &[(name, &url)]), &current);
    }
    assert_eq!(
        proxy.log()[0],
        "HEAD http://mirror.example.com:5000/v2/copies/acme/agent/manifests/latest"
    );
    let url = format!("http://me:wrong@{}", proxy.host);
    let refused = format!(
        "{LINE}: unknown: mirror.example.com:5000: the proxy `http://{}` does not lead there\n  help: see whether the proxy of HTTPS_PROXY, or of HTTP_PROXY for a host without TLS, lets it through, or name the host in NO_PROXY\n1 image on mirrors, 1 unknown{MORE}\nexit 2\n",
        proxy.host
    );
    assert_text_eq(&said(&pair, &[("HTTP_PROXY", &url)]), &refused);
}

#[test]
fn a_token_is_asked_for_by_the_proxy_too() {
    let (pair, proxy) = (behind(true), with_copies());
    proxy.rule(|request| {
        if request.path == "http://mirror.example.com:5000/token?a=b&scope=repository%3Acopies%2Facme%2Fagent%3Apull&service=two%20words" {
            return Some(reply(200).body("{\"token\": \"t\"}"));
        }
        let is_open = request.path.starts_with("http://vendor")
            || request.authorization.as_deref() == Some("Bearer t");
        let realm = "Bearer realm=\"http://mirror.example.com:5000/token?a=b\",service=\"two words\"";
        (!is_open).then(|| reply(401).header("WWW-Authenticate", realm))
    });
    let url = format!("http://{}", proxy.host);
    let current = format!("1 image on mirrors, 1 current{MORE}\nexit 0\n");
    assert_text_eq(&said(&pair, &[("HTTP_PROXY", &url)]), &current);
}

#[test]
fn a_host_with_tls_is_reached_through_the_proxy() {
    let (pair, proxy) = (behind(false), Registry::start());
    proxy.rule(|_| Some(reply(403)));
    let url = format!("http://{}", proxy.host);
    let plain = [("HTTPS_PROXY", &*url), ("HTTP_PROXY", "http://127.0.0.1:1")];
    let text = said(&pair, &plain);
    let why = format!(": the proxy `{url}` does not lead there\n");
    assert!(text.contains(&why), "{text}");
    assert!(
        proxy
            .log()
            .contains(&"CONNECT mirror.example.com:5000".to_owned()),
        "{:?}",
        proxy.log()
    );
}

/// A proxy that is not spoken to is said, where a host is not excepted from it.
#[test]
fn a_proxy_of_another_protocol_is_named() {
    let (pair, proxy) = (behind(true), with_copies());
    let url = "socks5://me:hunter2-canary@proxy.example.com:1080";
    let unknown = format!(
        "{LINE}: unknown: mirror.example.com:5000: the proxy that the environment names for it is not an HTTP proxy\n  help: set HTTPS_PROXY, and HTTP_PROXY for a host without TLS, to `http://HOST:PORT` or `https://HOST:PORT`; others, such as socks5, are not supported\n1 image on mirrors, 1 unknown{MORE}\nexit 2\n"
    );
    assert_text_eq(&said(&pair, &[("ALL_PROXY", url)]), &unknown);
    let (pair, _) = Pair::healthy();
    let current = format!("1 image on mirrors, 1 current{MORE}\nexit 0\n");
    let except = [("ALL_PROXY", url), ("NO_PROXY", "example.com, 127.0.0.0/8")];
    assert_text_eq(&said(&pair, &except), &current);
    assert!(proxy.log().is_empty());
}

/// What runs on this machine is not asked for by a proxy, which would ask another machine.
#[test]
fn loopback_is_reached_without_a_proxy() {
    let (mut pair, image) = Pair::healthy();
    let port = |host: &str| host.rsplit(':').next().expect("a port").to_owned();
    let local = |host: &str| format!("localhost:{}", port(host));
    let proxy = Registry::start();
    let url = format!("http://{}", proxy.host);
    let current = format!("1 image on mirrors, 1 current{MORE}\nexit 0\n");
    let variables = [("ALL_PROXY", &*url), ("NO_PROXY", "")];
    assert_text_eq(&said(&pair, &variables), &current);
    let (vendor, mirror) = (local(&pair.vendor.host), local(&pair.mirror.host));
    super::real::lead_to(&mut pair, &vendor, &mirror, &[&vendor, &mirror]);
    pair.name("NEW", &image);
    assert_text_eq(&said(&pair, &variables), &current);
    assert_eq!(proxy.log(), Vec::<String>::new());
}

const DEAD: &str = "\n  help: see whether this proxy runs and is reached from here; HTTPS_PROXY, or HTTP_PROXY for a host without TLS, names it, and NO_PROXY the hosts that are reached without it";

/// It is the proxy that does not answer, whatever the registry does.
#[test]
fn a_dead_proxy_is_named() {
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.local_addr().expect("an address").to_string()
    };
    for (plain, variable) in [(true, "HTTP_PROXY"), (false, "HTTPS_PROXY")] {
        for host in [&*closed, "proxy.invalid:3128"] {
            let pair = behind(plain);
            let url = format!("http://me:hunter2-canary@{host}/");
            let dead = format!(
                "{LINE}: unknown: mirror.example.com:5000: the proxy `http://{host}`, by which it is asked, is not reached{DEAD}\n1 image on mirrors, 1 unknown{MORE}\nexit 2\n"
            );
            assert_text_eq(&said(&pair, &[(variable, &url)]), &dead);
        }
    }
}

/// Where the proxy is reached, and no answer comes, either may be why.
#[test]
fn a_proxy_that_breaks_off_is_named_beside_the_registry() {
    for (answer, why) in [
        (
            broken(),
            "the connection broke, by the proxy `PROXY`\n  help: see whether the host is reached from there, or name it in NO_PROXY",
        ),
        (
            reply(503),
            "503: the registry fails, or the proxy `PROXY` before it\n  help: see whether the host is reached from there, or name it in NO_PROXY",
        ),
        (
            Reply {
                silent: Duration::from_secs(30),
                ..reply(200)
            },
            "timeout: it did not answer in time, by the proxy `PROXY`\n  help: raise --timeout",
        ),
    ] {
        let (pair, proxy) = (behind(true), Registry::start());
        proxy.rule(move |_| Some(answer.clone()));
        let url = format!("http://me:hunter2-canary@{}", proxy.host);
        let run = pair.run_with(&["--retries", "0", "--timeout", "1"], |command| {
            command.env("HTTP_PROXY", &url);
        });
        let why = why.replace("PROXY`", &format!("http://{}`", proxy.host));
        let expected = format!(
            "{LINE}: unknown: mirror.example.com:5000: {why}\n1 image on mirrors, 1 unknown{MORE}\nexit 2\n"
        );
        assert_text_eq(&pair.said(&run), &expected);
    }
}
