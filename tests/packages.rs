//! What a release gives to krew, Homebrew and cargo-binstall, and the program as kubectl's plugin.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;
use yaml_rust2::{Yaml, YamlLoader};

use crate::support::{TOOLS, binary, finish, run, tool};

/// What a release has archives for, as its workflow lists it: the target, the operating system's name
/// and the architecture's in krew.
const TARGETS: [(&str, &str, &str); 5] = [
    ("x86_64-unknown-linux-musl", "linux", "amd64"),
    ("aarch64-unknown-linux-musl", "linux", "arm64"),
    ("x86_64-apple-darwin", "darwin", "amd64"),
    ("aarch64-apple-darwin", "darwin", "arm64"),
    ("x86_64-pc-windows-msvc", "windows", "amd64"),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn archive(target: &str) -> String {
    let end = if target.contains("windows") {
        "zip"
    } else {
        "tar.gz"
    };
    format!("restore-images-v1.2.3-{target}.{end}")
}

/// Something that looks like a checksum, of each target's own.
fn checksum(at: usize) -> String {
    format!("{at}").repeat(64)
}

/// The templates, filled in for a release v1.2.3 by the checksums of these archives.
#[track_caller]
fn filled(sums: &[(String, String)]) -> (TempDir, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let sums: String = sums
        .iter()
        .map(|(sum, archive)| format!("{sum}  {archive}\n"))
        .collect();
    fs::write(folder.path().join("SHA256SUMS"), sums).expect("written");
    let filled = Command::new(root().join(".ci/packages"))
        .arg("v1.2.3")
        .args([folder.path().join("SHA256SUMS"), folder.path().join("out")])
        .output()
        .expect("the script runs");
    let said = String::from_utf8(filled.stderr).expect("UTF-8");
    assert_eq!(filled.status.success(), said.is_empty(), "{said}");
    (folder, said)
}

fn all() -> Vec<(String, String)> {
    let sums = TARGETS.iter().enumerate();
    sums.map(|(at, (target, ..))| (checksum(at), archive(target)))
        .collect()
}

#[test]
fn krew_reads_an_archive_for_each_system() {
    let (folder, _) = filled(&all());
    let text = fs::read_to_string(folder.path().join("out/krew.yaml")).expect("a manifest");
    let manifest = &YamlLoader::load_from_str(&text).expect("YAML")[0];
    assert_eq!(
        manifest["metadata"]["name"].as_str(),
        Some("restore-images")
    );
    let spec = &manifest["spec"];
    assert_eq!(spec["version"].as_str(), Some("v1.2.3"));
    for key in ["homepage", "shortDescription", "description"] {
        assert!(
            spec[key].as_str().is_some_and(|text| !text.is_empty()),
            "{key}"
        );
    }
    let platforms = spec["platforms"].as_vec().expect("platforms");
    assert_eq!(platforms.len(), TARGETS.len());
    for (at, (target, os, arch)) in TARGETS.into_iter().enumerate() {
        let platform = &platforms[at];
        let selector = &platform["selector"]["matchLabels"];
        assert_eq!(selector["os"].as_str(), Some(os));
        assert_eq!(selector["arch"].as_str(), Some(arch));
        let uri = platform["uri"].as_str().expect("a URI");
        assert!(
            uri.ends_with(&format!("/v1.2.3/{}", archive(target))),
            "{uri}"
        );
        assert_eq!(platform["sha256"].as_str(), Some(checksum(at).as_str()));
        let program = platform["bin"].as_str().expect("a program");
        assert_eq!(program.ends_with(".exe"), os == "windows");
        let files = platform["files"].as_vec().expect("files");
        let from: Vec<Option<&str>> = files.iter().map(|file| file["from"].as_str()).collect();
        assert_eq!(from, [Some(program), Some("LICENSE")]);
        assert!(
            files
                .iter()
                .all(|file| file["to"] == Yaml::String(".".to_owned()))
        );
    }
}

#[test]
fn homebrew_reads_an_archive_for_each_system_of_its_own() {
    let (folder, _) = filled(&all());
    let text = fs::read_to_string(folder.path().join("out/restore-images.rb")).expect("a formula");
    assert!(text.contains("\nclass RestoreImages < Formula\n"));
    for line in [
        "version \"1.2.3\"",
        "license \"Apache-2.0\"",
        "def install",
        "test do",
    ] {
        assert!(text.contains(&format!("\n  {line}\n")), "{line}");
    }
    for (at, (target, os, arch)) in TARGETS.into_iter().enumerate() {
        let (_, of_system) = text
            .split_once(&format!(
                "  on_{} do\n",
                if os == "darwin" { "macos" } else { os }
            ))
            .unwrap_or_default();
        let cpu = if arch == "arm64" { "arm" } else { "intel" };
        let (_, of_cpu) = of_system
            .split_once(&format!("    on_{cpu} do\n"))
            .unwrap_or_default();
        let (block, _) = of_cpu.split_once("    end\n").unwrap_or_default();
        let has = block.contains(&format!("/v1.2.3/{}\"\n", archive(target)))
            && block.contains(&format!("sha256 \"{}\"\n", checksum(at)));
        assert_eq!(has, os != "windows", "{target}: {block}");
    }
    // What opens a block is closed.
    let lines = || text.lines().map(str::trim);
    let opened = lines().filter(|line| {
        line.ends_with(" do") || line.starts_with("def ") || line.starts_with("class ")
    });
    assert_eq!(
        opened.count(),
        lines().filter(|line| *line == "end").count()
    );
}

#[test]
fn a_release_without_an_archive_gives_no_package() {
    let (_, said) = filled(&all()[1..]);
    assert!(
        said.contains("SHA256 of x86_64-unknown-linux-musl"),
        "{said}"
    );
}

#[test]
fn the_workflow_makes_the_archives_that_packages_name() {
    let workflow = read(".github/workflows/release.yaml");
    let targets = workflow
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- target: "));
    let targets: Vec<&str> = targets.collect();
    assert_eq!(targets, TARGETS.map(|(target, ..)| target));
    // cargo-binstall fills in its own names.
    let manifest = read("Cargo.toml");
    for target in targets {
        let url = format!("/releases/download/v1.2.3/{}\"", archive(target));
        let named = manifest
            .replace("{ version }", "1.2.3")
            .replace("{ target }", target);
        assert!(named.contains(&url), "{url}");
    }
}

/// krew itself installs a plugin from an archive and the manifest, without a network.
#[cfg(target_os = "linux")]
#[test]
fn krew_installs_what_a_release_gives() {
    let Some(krew) = tool("krew") else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let program = folder.path().join("restore-images");
    fs::write(&program, "#!/bin/sh\necho \"$0 $*\"\n").expect("written");
    let made = Command::new("chmod").arg("+x").arg(&program).status();
    assert!(made.expect("chmod runs").success());
    let target = format!("{}-unknown-linux-musl", std::env::consts::ARCH);
    let made = Command::new(root().join(".ci/archive"))
        .arg(&program)
        .args(["v1.2.3", &target])
        .arg(folder.path())
        .status();
    assert!(made.expect("the script runs").success());
    let file = folder.path().join(archive(&target));
    let sum = Command::new("sha256sum").arg(&file).output();
    let sum = String::from_utf8(sum.expect("sha256sum runs").stdout).expect("UTF-8");
    let mut sums = all();
    for (known, name) in &mut sums {
        if *name == archive(&target) {
            *known = sum[..64].to_owned();
        }
    }
    let (packages, _) = filled(&sums);
    let installed = Command::new(krew)
        .arg("install")
        .arg(format!(
            "--manifest={}/out/krew.yaml",
            packages.path().display()
        ))
        .arg(format!("--archive={}", file.display()))
        .env("KREW_ROOT", folder.path().join("krew"))
        .env("HOME", folder.path())
        .output()
        .expect("krew runs");
    let said = String::from_utf8_lossy(&installed.stderr);
    assert!(installed.status.success(), "{said}");
    let plugin = folder.path().join("krew/bin/kubectl-restore_images");
    let run = Command::new(plugin).arg("check").output().expect("it runs");
    let run = String::from_utf8(run.stdout).expect("UTF-8");
    assert!(run.ends_with("kubectl-restore_images check\n"), "{run}");
}

#[cfg(unix)]
#[test]
fn kubectl_runs_the_program_by_its_name() {
    let Some(kubectl) = tool("kubectl") else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let plugin = folder.path().join("kubectl-restore_images");
    std::os::unix::fs::symlink(binary(), plugin).expect("a link");
    let path = format!(
        "{}:{TOOLS}:{}",
        folder.path().display(),
        std::env::var("PATH").unwrap_or_default()
    );
    let by_kubectl = |words: &[&str]| {
        let mut command = Command::new(&kubectl);
        command.env("PATH", &path).env("HOME", folder.path());
        let words: Vec<&str> = ["restore-images"].iter().chain(words).copied().collect();
        finish(&mut command, &words, b"")
    };
    let version = by_kubectl(&["--version"]);
    assert_eq!(
        version.stdout,
        run(&["--version"], b"").stdout,
        "{}",
        version.stderr
    );
    let help = String::from_utf8(by_kubectl(&["--help"]).stdout).expect("UTF-8");
    assert!(help.contains("\nUsage: kubectl restore-images "), "{help}");
    let help = String::from_utf8(by_kubectl(&["check", "--help"]).stdout).expect("UTF-8");
    assert!(
        help.contains("\nUsage: kubectl restore-images check "),
        "{help}"
    );
    let refused = by_kubectl(&["check", "--none-such"]);
    assert_eq!(refused.code, 2);
    let said = "kubectl restore-images check: unexpected argument '--none-such'\nhelp: `kubectl restore-images check --help` lists what it takes\n";
    assert_eq!(refused.stderr, said);
    let help = String::from_utf8(run(&["--help"], b"").stdout).expect("UTF-8");
    assert!(help.contains("\nUsage: restore-images "), "{help}");
}
