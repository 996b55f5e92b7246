//! Where credentials are found, and how long a helper may take.

use std::fs;
use std::time::{Duration, Instant};

use serde_json::json;

use super::server::reply;
use super::{BROKEN, MORE, Pair};
use crate::support::assert_text_eq;

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
        "MIRROR/copies/acme/agent:latest: unknown: MIRROR: time-out: the helper for its credentials did not answer before the time limit\n  help: {BROKEN}\n1 image on mirrors, 1 unknown{MORE}\nexit 2\n"
    );
    assert_text_eq(&pair.said(&run), &expected);
}
