//! The container image, as `tests/tools/image` builds it: what is in it, how little it needs, and
//! the engines that run it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::engines::{edit, passed, restored};
use crate::support::{Run, assert_text_eq, copy_of, engine, files, run, skip, tool};

const IMAGE: &str = "localhost/restore-images-function:test";
const ARGOCD: &str = "localhost/restore-images-argocd:test";

/// Bytes that an image may have: 5 MiB. Paths that are compiled in differ between machines by some thousand.
const MOST: u64 = 5 << 20;

/// The folder whose podman and docker know the images.
pub(crate) fn programs() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let programs = root.join("target/containers/bin");
    if programs.join("podman").is_file() {
        Some(programs)
    } else {
        skip("tests/tools/image has built no images")
    }
}

fn podman(programs: &Path, args: &[&str], stdin: &[u8]) -> Run {
    let podman = programs.join("podman");
    crate::support::finish(&mut Command::new(podman), args, stdin)
}

fn inspect(programs: &Path, image: &str) -> Value {
    let output = passed(&podman(programs, &["image", "inspect", image], b""));
    let mut found: Vec<Value> = serde_json::from_str(&output).expect("JSON");
    found.remove(0)
}

/// Every file of an image, with its bytes.
fn contents(programs: &Path, image: &str) -> Vec<(String, Vec<u8>)> {
    let root = passed(&podman(programs, &["image", "mount", image], b""));
    let root = PathBuf::from(root.trim());
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(&root).expect("below").display();
            found.push((format!("/{name}"), fs::read(&path).expect("a file")));
        }
    }
    passed(&podman(programs, &["image", "unmount", image], b""));
    found.sort();
    found
}

/// Whether an ELF program for 64 bits asks for an interpreter, as every dynamic one does.
fn is_dynamic(program: &[u8]) -> bool {
    assert_eq!(
        &program[..6],
        b"\x7fELF\x02\x01",
        "ELF, 64 bits, little end first"
    );
    let number = |at: usize, bytes: usize| {
        let digits = program[at..at + bytes].iter().rev();
        digits.fold(0, |number, byte| number << 8 | usize::from(*byte))
    };
    let (start, size, count) = (number(0x20, 8), number(0x36, 2), number(0x38, 2));
    assert!(count > 0, "a program without headers");
    (0..count).any(|index| number(start + index * size, 4) == 3)
}

const PASSWD: &str = "\
nobody:x:65534:65534:nobody:/:/sbin/nologin
argocd:x:999:999:argocd:/home/argocd:/sbin/nologin
";

#[test]
fn the_image_holds_a_small_static_program_for_nobody() {
    let Some(programs) = programs() else { return };
    let image = inspect(&programs, IMAGE);
    assert_eq!(image["Config"]["User"], "65534:65534");
    assert_eq!(
        image["Config"]["Entrypoint"],
        json!(["/usr/local/bin/restore-images"])
    );
    assert_eq!(image["Config"]["Cmd"], Value::Null);
    let size = image["Size"].as_u64().expect("a size");
    assert!(size <= MOST, "{size} bytes");
    let labels = &image["Labels"];
    for (name, expected) in [
        ("title", "restore-images"),
        ("licenses", "Apache-2.0"),
        ("version", "0.0.0-test"),
        ("source", "https://example.com/source"),
    ] {
        assert_eq!(labels[format!("org.opencontainers.image.{name}")], expected);
    }
    let revision = labels["org.opencontainers.image.revision"].as_str();
    assert_eq!(revision.map(str::len), Some(40));
    let contents = contents(&programs, IMAGE);
    let names: Vec<&str> = contents.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        ["/LICENSE", "/etc/passwd", "/usr/local/bin/restore-images"]
    );
    assert_eq!(contents[1].1, PASSWD.as_bytes());
    assert!(!is_dynamic(&contents[2].1));
    // The check can fail: what cargo builds for this machine is dynamic.
    assert!(is_dynamic(
        &fs::read("/proc/self/exe").expect("this program")
    ));
}

#[test]
fn the_sidecar_holds_the_plugin_where_argo_cd_reads_it() {
    let Some(programs) = programs() else { return };
    let image = inspect(&programs, ARGOCD);
    assert_eq!(image["Config"]["User"], "999:999");
    assert_eq!(
        image["Config"]["Entrypoint"],
        json!(["/var/run/argocd/argocd-cmp-server"])
    );
    let contents = contents(&programs, ARGOCD);
    let names: Vec<&str> = contents.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "/LICENSE",
            "/etc/passwd",
            "/home/argocd/cmp-server/config/plugin.yaml",
            "/usr/local/bin/restore-images",
        ]
    );
    let plugin = Path::new(env!("CARGO_MANIFEST_DIR")).join("function/plugin.yaml");
    assert_eq!(contents[2].1, fs::read(plugin).expect("plugin.yaml"));
    assert!(image["Size"].as_u64().expect("a size") <= MOST);
}

/// What walks a stack is left out with the tables for it, and whoever asks for a backtrace still reads where the
/// panic was.
#[cfg(target_os = "linux")]
#[test]
fn a_panic_says_where_it_was_though_no_stack_is_walked() {
    use std::os::unix::process::ExitStatusExt;

    let rustc = |args: &[&str]| {
        let output = Command::new("rustc").args(args).output();
        let output = output.expect("rustc runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout).trim().to_owned()
    };
    let sysroot = PathBuf::from(rustc(&["--print", "sysroot"])).join("lib/rustlib");
    let machine = std::env::consts::ARCH;
    let musl = format!("{machine}-unknown-linux-musl");
    let gnu = format!("{machine}-unknown-linux-gnu");
    let target = if sysroot.join(&musl).is_dir() {
        &musl
    } else {
        &gnu
    };
    let folder = tempfile::tempdir().expect("a folder");
    let source = folder.path().join("main.rs");
    fs::write(&source, "fn main() {\n    panic!(\"no room\");\n}\n").expect("written");
    let program = folder.path().join("main");
    let linker = sysroot
        .join(rustc(&["--print", "host-tuple"]))
        .join("bin/gcc-ld");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci/no-unwind.ld");
    let argument = |text: &str, path: &Path| format!("-Clink-arg={text}{}", path.display());
    rustc(&[
        "--edition=2024",
        "--target",
        target,
        "-Cpanic=abort",
        "-Ctarget-feature=+crt-static",
        "-Crelocation-model=static",
        "-Clink-arg=-fuse-ld=lld",
        &argument("-B", &linker),
        &argument("-Wl,-T,", &script),
        "-o",
        &program.display().to_string(),
        &source.display().to_string(),
    ]);
    let run = Command::new(&program)
        .env("RUST_BACKTRACE", "1")
        .output()
        .expect("the program runs");
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(said.contains("main.rs:2:5:\nno room\n"), "{said}");
    assert_eq!(run.status.signal(), Some(6), "aborted: {:?}", run.status);
}

#[test]
fn it_needs_no_network_no_capability_and_nothing_to_write_to() {
    let Some(programs) = programs() else { return };
    let input = "\
apiVersion: config.kubernetes.io/v1
kind: ResourceList
items:
- apiVersion: v1
  kind: Pod
  metadata:
    name: collector
  spec:
    containers:
    - name: collector
      image: docker.io/realtheory/theory-k8s-collector:v1.3.11836
";
    let mut args = vec!["run", "--rm", "--interactive", "--read-only"];
    args.extend(["--network", "none", "--cap-drop", "all", "--user", "nobody"]);
    args.extend([
        "--read-only-tmpfs=false",
        "--security-opt=no-new-privileges",
    ]);
    args.push(IMAGE);
    let inside = podman(&programs, &args, input.as_bytes());
    let outside = run(&[], input.as_bytes());
    assert_text_eq(&passed(&inside), &passed(&outside));
    assert!(passed(&inside).contains("image: docker.io/realtheory/theory-k8s-collector\n"));
    assert_text_eq(&inside.stderr, &outside.stderr);
    // Bad input fails in the same way.
    let inside = podman(&programs, &args, b"{");
    let outside = run(&[], b"{");
    assert_eq!((inside.code, inside.stdout.len()), (2, 0));
    assert_text_eq(&inside.stderr, &outside.stderr);
}

/// As [`engine`], with the programs that know the images first on PATH.
fn container_engine(programs: &Path, program: &Path, folder: &Path, args: &[&str]) -> Run {
    let path = std::env::var("PATH").expect("PATH");
    let path = format!("{}:{path}", programs.display());
    let environment = [
        ("PATH", Path::new(&path)),
        ("KPT_FN_RUNTIME", Path::new("podman")),
        ("KRM_FN_RUNTIME", Path::new("podman")),
    ];
    engine(program, folder, args, &environment)
}

#[track_caller]
fn check_package(package: &Path, before: &std::collections::BTreeMap<PathBuf, String>) {
    let after = files(package);
    assert_eq!(before.len(), after.len());
    for (name, text) in before {
        let expected = if name.ends_with("collector.yaml") {
            restored(text)
        } else {
            text.clone()
        };
        assert_text_eq(&after[name], &expected);
    }
}

#[test]
fn kpt_renders_with_the_image() {
    let (Some(programs), Some(kpt)) = (programs(), tool("kpt")) else {
        return;
    };
    let package = copy_of("examples/realtheory/kpt");
    let image = format!("image: {IMAGE}");
    edit(package.path(), "Kptfile", "exec: restore-images", &image);
    let before = files(package.path());
    let args = ["fn", "render", "--image-pull-policy", "never"];
    passed(&container_engine(&programs, &kpt, package.path(), &args));
    check_package(package.path(), &before);
}

#[test]
fn kpt_evaluates_the_image() {
    let (Some(programs), Some(kpt)) = (programs(), tool("kpt")) else {
        return;
    };
    let package = copy_of("examples/realtheory/kpt");
    let config = copy_of("examples/realtheory/files");
    let config = config.path().join("restore-images.yaml");
    let before = files(package.path());
    let mut args = vec!["fn", "eval", "--image", IMAGE];
    args.extend(["--image-pull-policy", "never"]);
    args.extend(["--fn-config", config.to_str().expect("UTF-8")]);
    passed(&container_engine(&programs, &kpt, package.path(), &args));
    check_package(package.path(), &before);
}

/// The collector through an engine's build with a `container:` transformer, and without it.
#[track_caller]
fn check_transformer(engine: &Path, build: &[&str]) {
    let Some(programs) = programs() else { return };
    let examples = copy_of("examples/realtheory");
    edit(
        examples.path(),
        "kustomize/restore-images.yaml",
        "      exec:\n        path: restore-images\n",
        &format!("      container:\n        image: {IMAGE}\n"),
    );
    let built = || {
        let mut args = build.to_vec();
        args.extend(["--enable-alpha-plugins", "kustomize"]);
        passed(&container_engine(&programs, engine, examples.path(), &args))
    };
    let with = built();
    edit(
        examples.path(),
        "kustomize/kustomization.yaml",
        "transformers:\n- restore-images.yaml\n",
        "",
    );
    assert_text_eq(&with, &restored(&built()));
}

#[test]
fn kustomize_runs_the_image_as_a_transformer() {
    let Some(kustomize) = tool("kustomize") else {
        return;
    };
    check_transformer(&kustomize, &["build"]);
}

#[test]
fn kubectl_runs_the_image_as_a_transformer() {
    let Some(kubectl) = tool("kubectl") else {
        return;
    };
    check_transformer(&kubectl, &["kustomize"]);
}

#[test]
fn argo_cds_server_runs_in_the_sidecar() {
    let (Some(programs), Some(server), Some(client), Some(kustomize)) = (
        programs(),
        tool("argocd-cmp-server"),
        tool("argocd-cmp-client"),
        tool("kustomize"),
    ) else {
        return;
    };
    // The volumes of examples/argocd/sidecar/repo-server.yaml.
    let volumes = tempfile::tempdir().expect("a folder");
    let volume = |name: &str, program: Option<(&Path, &str)>| {
        let folder = volumes.path().join(name);
        fs::create_dir(&folder).expect("a folder");
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).expect("a mode");
        if let Some((program, name)) = program {
            fs::copy(program, folder.join(name)).expect("a copy");
        }
        folder
    };
    let entry = volume("entry", Some((&server, "argocd-cmp-server")));
    let tools = volume("tools", Some((&kustomize, "kustomize")));
    let (sockets, temporary) = (volume("sockets", None), volume("temporary", None));
    let mounts = [
        (&entry, "/var/run/argocd:ro"),
        (&tools, "/tools:ro"),
        (&sockets, "/home/argocd/cmp-server/plugins"),
        (&temporary, "/tmp"),
    ];
    let mounts = mounts.map(|(folder, place)| format!("--volume={}:{place}", folder.display()));
    let mut args = vec!["run", "--detach", "--read-only", "--cap-drop", "all"];
    args.extend(["--network", "none", "--security-opt=no-new-privileges"]);
    args.extend(mounts.iter().map(String::as_str));
    args.push(ARGOCD);
    let container = passed(&podman(&programs, &args, b""));
    let container = container.trim();
    let socket = sockets.join("restore-images.sock");
    let opened = (0..600).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        socket.exists()
    });
    let example = copy_of("examples/argocd/sidecar");
    let mut ask = Command::new(client);
    ask.arg(&socket).arg(example.path()).arg("app");
    let run = crate::support::finish(&mut ask, &["ARGOCD_APP_PARAMETERS=null"], b"");
    let log = podman(&programs, &["logs", container], b"").stderr;
    passed(&podman(
        &programs,
        &["rm", "--force", "--time", "1", container],
        b"",
    ));
    assert!(opened, "the server opened no socket: {log}");
    let output = passed(&run);
    assert!(
        output.contains(r#""imagePullPolicy":"Always""#) && output.lines().count() == 1,
        "{output}"
    );
}

#[test]
fn users_compile_it_with_the_version_that_it_declares() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("Dockerfile")).expect("a Dockerfile");
    let expected = concat!("/library/rust:", env!("CARGO_PKG_RUST_VERSION"), "-slim-");
    assert!(
        text.contains(expected),
        "the Dockerfile does not name {expected}"
    );
}
