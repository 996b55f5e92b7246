//! Where credentials are found, whom they go to, and that they are never printed.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;

use super::pair::{MORE, Pair, check};
use super::server::{Reply, digest_of, reply};
use crate::support::assert_text_eq;

const BROKEN: &str = "see whether Docker's config.json (DOCKER_CONFIG, else ~/.docker) and podman's auth.json are JSON, and whether the credential helper that they name for the host works";

#[test]
fn a_broken_file_of_credentials_is_named() {
    let (pair, _) = Pair::healthy();
    guard(&pair, true);
    let folder = pair.folder.path().join("home/docker");
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join("config.json"), format!("{{\"auths\": {SECRET}")).expect("written");
    check(
        &pair,
        &[],
        "unknown",
        &format!("unknown: MIRROR: the credentials for it could not be read\n  help: {BROKEN}"),
        2,
    );
}

/// A registry says once how it wants to be asked, and is not asked without it again.
#[test]
fn a_challenge_is_remembered_for_its_host() {
    let pair = Pair::of_healthy_images(40);
    pair.log_in(
        &pair.mirror.host,
        &json!({"auth": "cm9ib3Q6aHVudGVyMi1jYW5hcnk="}),
    );
    let refused = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&refused);
    pair.mirror.rule(move |request| {
        if request.authorization.is_some() {
            return None;
        }
        counted.fetch_add(1, Ordering::Relaxed);
        Some(reply(401).header("WWW-Authenticate", "Basic realm=\"x\""))
    });
    pair.check(
        &[],
        &format!("40 images on mirrors, 40 current{MORE}\nexit 0\n"),
    );
    // Those that were under way at once when the first answer came.
    assert!(refused.load(Ordering::Relaxed) <= 8);
}

const SECRET: &str = "hunter2-canary";

/// A registry that wants a token, and repeats in every answer what it was sent.
fn guard(pair: &Pair, right: bool) {
    let host = pair.mirror.host.clone();
    pair.mirror.rule(move |request| {
        let token = format!("Bearer token-{SECRET}");
        let echoes = |reply: Reply| {
            let sent = request.authorization.clone().unwrap_or_default();
            reply
                .header("Warning", format!("{sent} {SECRET}"))
                .body(format!(
                    "{{\"errors\": [{{\"message\": \"{sent} {SECRET}\"}}]}}"
                ))
        };
        if request.path.starts_with("/token?") {
            // robot:hunter2-canary
            let wanted = Some("Basic cm9ib3Q6aHVudGVyMi1jYW5hcnk=".to_owned());
            if right && request.authorization == wanted {
                return Some(reply(200).body(format!("{{\"token\": \"token-{SECRET}\"}}")));
            }
            return Some(echoes(reply(401)));
        }
        if request.authorization == Some(token) {
            return None;
        }
        let realm = format!("Bearer realm=\"http://{host}/token\",service=\"{SECRET}\"");
        Some(echoes(reply(401).header("WWW-Authenticate", realm)))
    });
}

#[test]
fn credentials_go_to_their_registry_and_nowhere_else() {
    let (pair, _) = Pair::healthy();
    pair.log_in(
        &pair.mirror.host,
        &json!({"auth": "cm9ib3Q6aHVudGVyMi1jYW5hcnk="}),
    );
    guard(&pair, true);
    pair.check(
        &[],
        &format!("1 image on mirrors, 1 current{MORE}\nexit 0\n"),
    );
    let log = pair.mirror.log().join("\n");
    let tokens = log.matches("GET /token?").count();
    assert_eq!(tokens, 1, "{log}");
    assert!(log.contains("scope=repository"), "{log}");
    // A redirect to another host takes none along.
    let (pair, _) = Pair::healthy();
    pair.log_in(
        &pair.mirror.host,
        &json!({"auth": "cm9ib3Q6aHVudGVyMi1jYW5hcnk="}),
    );
    let to = format!("http://{}", pair.vendor.host);
    pair.mirror.rule(move |request| {
        let path = request.path.replace("/copies/", "/");
        Some(match request.authorization {
            Some(_) => reply(307).header("Location", format!("{to}{path}")),
            None => reply(401).header("WWW-Authenticate", "Basic realm=x"),
        })
    });
    pair.vendor.rule(|request| {
        let sent = request.authorization.is_some();
        sent.then(|| reply(400))
    });
    pair.check(
        &[],
        &format!("1 image on mirrors, 1 current{MORE}\nexit 0\n"),
    );
}

#[test]
fn credentials_are_never_printed() {
    for right in [true, false] {
        for fails in [None, Some(500), Some(403), Some(307)] {
            for format in ["text", "json", "junit", "prometheus"] {
                let (pair, image) = Pair::healthy();
                pair.log_in(
                    &pair.mirror.host,
                    &json!({"username": "robot", "password": SECRET}),
                );
                guard(&pair, right);
                // The registry's own words: a digest, a platform and a moment, none of them true.
                let list = json!({"manifests": [{
                    "digest": format!("sha256:{SECRET}"),
                    "platform": {"os": SECRET, "architecture": SECRET},
                }, {
                    "digest": image.entries[0]["digest"],
                    "platform": {"os": SECRET, "architecture": SECRET, "variant": SECRET},
                }]});
                pair.vendor
                    .hold("acme/agent/manifests/latest", list.to_string().as_bytes());
                let path = digest_of(list.to_string().as_bytes());
                let path = format!("acme/agent/manifests/{path}");
                pair.vendor.hold(&path, list.to_string().as_bytes());
                if let Some(status) = fails {
                    let answer = reply(status)
                        .header("Location", format!("http://robot:{SECRET}@{SECRET}/v2/"))
                        .header("Docker-Content-Digest", SECRET)
                        .body(SECRET);
                    pair.vendor.always("latest", answer);
                }
                let run = pair.run(&["--deep", "--verbose", "--retries", "0", "--format", format]);
                let said = String::from_utf8_lossy(&run.stdout).into_owned() + &run.stderr;
                assert!(
                    !said.contains(SECRET) && !said.contains("cm9ib3Q6"),
                    "{said}"
                );
                assert!(run.code > 0 && said.len() > 100, "{said}");
            }
        }
    }
}

#[cfg(unix)]
#[test]
fn a_helper_is_asked_once_and_not_repeated() {
    use std::os::unix::fs::PermissionsExt;
    let (pair, _) = Pair::healthy();
    guard(&pair, true);
    let folder = pair.folder.path().join("home/docker");
    fs::create_dir_all(&folder).expect("a folder");
    let config = json!({"credHelpers": {&pair.mirror.host: "test"}});
    fs::write(folder.join("config.json"), config.to_string()).expect("written");
    let helper = folder.join("docker-credential-test");
    let write = |script: &str| {
        fs::write(
            &helper,
            format!("#!/bin/sh\ncat > /dev/null\necho x >> calls\n{script}\n"),
        )
        .expect("written");
        fs::set_permissions(&helper, fs::Permissions::from_mode(0o755)).expect("set");
    };
    let run = || {
        pair.run_with(&[], |command| {
            let path = std::env::var_os("PATH").unwrap_or_default();
            let paths = std::iter::once(folder.clone()).chain(std::env::split_paths(&path));
            command.env("PATH", std::env::join_paths(paths).expect("a PATH"));
        })
    };
    write(&format!(
        "echo '{{\"Username\": \"robot\", \"Secret\": \"{SECRET}\"}}'"
    ));
    let current = format!("1 image on mirrors, 1 current{MORE}\nexit 0\n");
    assert_text_eq(&pair.said(&run()), &current);
    let calls = pair.folder.path().join("calls");
    assert_eq!(fs::read_to_string(&calls).expect("calls"), "x\n");
    write(&format!("echo {SECRET}"));
    let said = pair.said(&run());
    let broken = format!(
        "MIRROR/copies/acme/agent:latest: unknown: MIRROR: the credentials for it could not be read\n  help: {BROKEN}\n1 image on mirrors, 1 unknown{MORE}\nexit 2\n"
    );
    assert_text_eq(&said, &broken);
}

/// A pair whose mirror lets one user in.
fn guarded() -> Pair {
    let (pair, _) = Pair::healthy();
    pair.mirror.rule(|request| {
        let is_open = request.authorization.as_deref() == Some("Basic cm9ib3Q6eA==");
        (!is_open).then(|| reply(401).header("WWW-Authenticate", "Basic realm=x"))
    });
    pair
}

#[test]
fn podmans_file_is_found_where_podman_keeps_it() {
    for (file, variable) in [
        (".config/containers/auth.json", None),
        ("x/containers/auth.json", Some("XDG_RUNTIME_DIR")),
        ("x/containers/auth.json", Some("XDG_CONFIG_HOME")),
    ] {
        let pair = guarded();
        let home = pair.folder.path().join("home");
        let path = home.join(file);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        let auths = json!({"auths": {&pair.mirror.host: {"auth": "cm9ib3Q6eA=="}}});
        fs::write(&path, auths.to_string()).expect("written");
        let run = pair.run_with(&[], |command| {
            for name in ["REGISTRY_AUTH_FILE", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME"] {
                command.env_remove(name);
            }
            if let Some(name) = variable {
                command.env(name, home.join("x"));
            }
        });
        let current = format!("1 image on mirrors, 1 current{MORE}\nexit 0\n");
        assert_text_eq(&pair.said(&run), &current);
    }
}

/// A helper that waits for somebody to type keeps neither other hosts nor the run.
#[cfg(unix)]
#[test]
fn a_helper_that_does_not_answer_is_not_waited_for() {
    use std::os::unix::fs::PermissionsExt;
    let pair = guarded();
    let folder = pair.folder.path().join("home/docker");
    fs::create_dir_all(&folder).expect("a folder");
    let config = json!({"credHelpers": {&pair.mirror.host: "test"}});
    fs::write(folder.join("config.json"), config.to_string()).expect("written");
    let helper = folder.join("docker-credential-test");
    fs::write(&helper, "#!/bin/sh\nexec sleep 20\n").expect("written");
    fs::set_permissions(&helper, fs::Permissions::from_mode(0o755)).expect("set");
    let began = Instant::now();
    let run = pair.run_with(&["--time-limit", "2"], |command| {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let paths = std::iter::once(folder.clone()).chain(std::env::split_paths(&path));
        command.env("PATH", std::env::join_paths(paths).expect("a PATH"));
    });
    assert!(began.elapsed() < Duration::from_secs(15));
    let expected = format!(
        "MIRROR/copies/acme/agent:latest: unknown: MIRROR: timeout: the helper for its credentials did not answer before the time limit\n  help: {BROKEN}\n1 image on mirrors, 1 unknown{MORE}\nexit 2\n"
    );
    assert_text_eq(&pair.said(&run), &expected);
}

/// Credentials may be for a part of a registry: those of the longest part of the image's name count.
#[test]
fn credentials_are_those_of_the_nearest_part_of_a_registry() {
    // robot:x is let in, no:no is not.
    let (right, wrong) = ("cm9ib3Q6eA==", "bm86bm8=");
    let check = |auths: &[(&str, &str)], podman: &[(&str, &str)], is_let_in: bool| {
        let pair = guarded();
        let home = pair.folder.path().join("home");
        fs::create_dir_all(home.join("docker")).expect("a folder");
        for (file, auths) in [("docker/config.json", auths), ("auth.json", podman)] {
            let auths = auths.iter().map(|(name, auth)| {
                let name = name.replace("MIRROR", &pair.mirror.host);
                let entry = if auth.is_empty() {
                    json!({})
                } else {
                    json!({ "auth": auth })
                };
                (name, entry)
            });
            let auths = auths.collect::<serde_json::Map<_, _>>();
            let text = json!({ "auths": auths }).to_string();
            fs::write(home.join(file), text).expect("written");
        }
        let said = pair.said(&pair.run(&[]));
        let current = format!("1 image on mirrors, 1 current{MORE}\nexit 0\n");
        assert_eq!(said == current, is_let_in, "{auths:?} {podman:?}: {said}");
    };
    let none = &[][..];
    for (auths, by_podman, by_docker) in [
        (&[("MIRROR/copies/acme/agent", right)][..], true, true),
        (&[("MIRROR/copies/acme", right)], true, true),
        (&[("MIRROR/copies", right)], true, true),
        (&[("MIRROR", wrong), ("MIRROR/copies", right)], true, true),
        (
            &[("MIRROR/copies", wrong), ("MIRROR/copies/acme", right)],
            true,
            true,
        ),
        (
            &[("MIRROR", right), ("MIRROR/copies/acme", wrong)],
            false,
            false,
        ),
        (&[("MIRROR", right), ("MIRROR/other", wrong)], true, true),
        (&[("MIRROR/copies", ""), ("MIRROR", right)], true, true),
        (&[("https://MIRROR/v2/", right)], true, true),
        // In Docker's file, an only name of the host means the host.
        (&[("MIRROR/v2/", right)], false, true),
        (&[("MIRROR/copies/ac", right)], false, true),
        (&[("MIRROR/copies/acme/agent/more", right)], false, true),
        (
            &[("MIRROR/other", right), ("MIRROR/more", right)],
            false,
            false,
        ),
    ] {
        check(none, auths, by_podman);
        check(auths, none, by_docker);
    }
    // The first file that has any is asked.
    check(&[("MIRROR", wrong)], &[("MIRROR/copies", right)], false);
    check(&[("MIRROR/copies/acme", right)], &[("MIRROR", wrong)], true);
    check(none, &[("MIRROR/copies", right)], true);
}

/// A helper is asked for the host, once, whatever parts of the registry other entries name.
#[cfg(unix)]
#[test]
fn helpers_are_asked_for_hosts() {
    use std::os::unix::fs::PermissionsExt;
    for config in [
        json!({"credHelpers": {"MIRROR": "test"}, "auths": {"MIRROR/copies": {"auth": "bm86bm8="}}}),
        json!({"credsStore": "test", "auths": {"MIRROR/copies": {}}}),
        json!({"credsStore": "test"}),
    ] {
        let pair = Pair::of_healthy_images(20);
        let host = pair.mirror.host.clone();
        pair.mirror.rule(|request| {
            let is_open = request.authorization.as_deref() == Some("Basic cm9ib3Q6eA==");
            (!is_open).then(|| reply(401).header("WWW-Authenticate", "Basic realm=x"))
        });
        let folder = pair.folder.path().join("home/docker");
        fs::create_dir_all(&folder).expect("a folder");
        let config = config.to_string().replace("MIRROR", &host);
        fs::write(folder.join("config.json"), config).expect("written");
        let helper = folder.join("docker-credential-test");
        let script = "#!/bin/sh\nread -r name\necho \"$name\" >> calls\necho '{\"Username\": \"robot\", \"Secret\": \"x\"}'\n";
        fs::write(&helper, script).expect("written");
        fs::set_permissions(&helper, fs::Permissions::from_mode(0o755)).expect("set");
        let run = pair.run_with(&[], |command| {
            let path = std::env::var_os("PATH").unwrap_or_default();
            let paths = std::iter::once(folder.clone()).chain(std::env::split_paths(&path));
            command.env("PATH", std::env::join_paths(paths).expect("a PATH"));
        });
        let current = format!("20 images on mirrors, 20 current{MORE}\nexit 0\n");
        assert_text_eq(&pair.said(&run), &current);
        let calls = fs::read_to_string(pair.folder.path().join("calls")).expect("calls");
        assert_text_eq(&calls, &format!("{host}\n"));
    }
}
