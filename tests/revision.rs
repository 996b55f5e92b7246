//! The tag of Octopus' tools image: both generations of Tentacle's resolver, and hostile documents.

use std::fmt::Write;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use restore_images::image::Reference;
use restore_images::revision::{
    KubernetesVersion, Resolution, Resolver, VersionsDocument, is_revision_of, resolve,
};

use crate::support::{assert_text_eq, shared};

use Resolver::{Original, Present};

/// The document of Tentacle's own vectors, retyped; its digest is cut short there.
const VECTORS: &str = r#"{
  "tools": {
    "kubectl": ["1.31.1", "1.30.5", "1.29.9", "1.28.14"],
    "helm": ["3.16.1"],
    "powershell": ["7.4.5"]
  },
  "latest": "1.30",
  "revisionHash": "Juaa5J",
  "deprecations": {
    "1.26": {"latestTag": "1.26@sha256:DIGEST"},
    "1.27": {"latestTag": "1.27@sha256:DIGEST"}
  }
}"#;

const DIGEST: &str = "9d1ce87c37a33582bd3bb0b2e2d54d7a6bc0e71d659a1132acd3893c9645a507";

/// A newer document: `latest` is behind its newest kubectl.
const BEHIND: &str = r#"{
  "tools": {"kubectl": ["1.36.0", "1.35.3", "1.34.6", "1.33.10"]},
  "latest": "1.35",
  "revisionHash": "tT2Ki6",
  "deprecations": {"1.32": {"latestTag": "1.32"}}
}"#;

fn cluster(text: &str) -> KubernetesVersion {
    KubernetesVersion::parse(text).expect("a version")
}

fn document(text: &str) -> VersionsDocument {
    VersionsDocument::parse(&text.replace("DIGEST", DIGEST)).expect("a versions document")
}

/// `tag`, `tag@digest` or `unresolved`, and the reason.
fn told(resolution: &Resolution) -> (String, String) {
    match resolution {
        Resolution::Tag { tag, digest, why } => {
            let digest = digest.iter().map(|digest| format!("@{digest}"));
            (
                format!("{tag}{}", digest.collect::<String>()),
                why.to_string(),
            )
        }
        Resolution::Unresolved { why } => ("unresolved".to_owned(), why.clone()),
    }
}

#[track_caller]
fn check(text: Option<&str>, version: &str, resolver: Resolver, tag: &str, why: &str) {
    let versions = text.map(document);
    let resolution = resolve(versions.as_ref(), cluster(version), resolver);
    let (found, reason) = told(&resolution);
    assert_eq!(found, tag.replace("DIGEST", DIGEST), "{version}");
    assert_text_eq(&reason, why);
}

#[test]
fn a_kubectl_of_the_version_gives_the_revision() {
    for resolver in [Original, Present] {
        for (version, tag, kubectl) in [
            ("1.28", "1.28-Juaa5J", "1.28.14"),
            ("1.29", "1.29-Juaa5J", "1.29.9"),
            ("1.30", "1.30-Juaa5J", "1.30.5"),
        ] {
            let why = format!("the versions document has kubectl {kubectl}");
            check(Some(VECTORS), version, resolver, tag, &why);
        }
    }
}

#[test]
fn a_deprecated_version_gets_its_last_tag() {
    for resolver in [Original, Present] {
        let why = "the versions document deprecates Kubernetes 1.27";
        check(Some(VECTORS), "1.27", resolver, "1.27@sha256:DIGEST", why);
        let why = "the versions document deprecates Kubernetes 1.32";
        check(Some(BEHIND), "1.32", resolver, "1.32", why);
    }
}

#[test]
fn a_deprecation_counts_before_everything_else() {
    let text = r#"{"tools": {"kubectl": ["1.31.0"]}, "latest": "1.29", "revisionHash": "aB3",
        "deprecations": {"1.31": {"latestTag": "1.31-last"}}}"#;
    for resolver in [Original, Present] {
        let why = "the versions document deprecates Kubernetes 1.31";
        check(Some(text), "1.31", resolver, "1.31-last", why);
    }
}

#[test]
fn a_version_newer_than_the_document_gets_latest() {
    let why = "Kubernetes 1.40 is newer than 1.30, the latest of the versions document";
    check(Some(VECTORS), "1.40", Original, "latest", why);
    let why = "Tentacle knows no tag for Kubernetes 1.40";
    check(Some(VECTORS), "1.40", Present, "latest", why);
}

/// The vendor's sentence "higher than the latest specified version will default to latest" is out
/// of date since https://github.com/OctopusDeploy/OctopusTentacle/pull/1274.
#[test]
fn the_documents_latest_is_no_longer_read() {
    let why = "Kubernetes 1.36 is newer than 1.35, the latest of the versions document";
    check(Some(BEHIND), "1.36", Original, "latest", why);
    let why = "the versions document has kubectl 1.36.0";
    check(Some(BEHIND), "1.36", Present, "1.36-tT2Ki6", why);
    let unreadable = BEHIND.replace("1.35\"", "newest\"");
    let why = "`newest`, the latest of the versions document, is no version";
    check(Some(&unreadable), "1.36", Original, "unresolved", why);
    let why = "the versions document has kubectl 1.36.0";
    check(Some(&unreadable), "1.36", Present, "1.36-tT2Ki6", why);
}

#[test]
fn a_version_without_kubectl_gets_latest_or_a_known_tag() {
    let why = "the versions document has no kubectl 1.31";
    check(Some(BEHIND), "1.31", Original, "latest", why);
    let why = "Tentacle knows a tag for Kubernetes 1.31";
    check(Some(BEHIND), "1.31", Present, "1.31", why);
    let why = "the versions document has no kubectl 1.25";
    check(Some(BEHIND), "1.25", Original, "latest", why);
    let why = "Tentacle knows no tag for Kubernetes 1.25";
    check(Some(BEHIND), "1.25", Present, "latest", why);
}

#[test]
fn without_a_document_the_known_tags_count() {
    for (resolver, newest) in [(Original, 30), (Present, 36)] {
        for minor in 20..45 {
            let version = format!("1.{minor}");
            if (26..=newest).contains(&minor) {
                let why = format!("Tentacle knows a tag for Kubernetes {version}");
                check(None, &version, resolver, &version, &why);
            } else {
                let why = format!("Tentacle knows no tag for Kubernetes {version}");
                check(None, &version, resolver, "latest", &why);
            }
        }
        let why = "Tentacle knows no tag for Kubernetes 2.28";
        check(None, "2.28", resolver, "latest", why);
    }
    assert_eq!(Resolver::default(), Present);
}

#[test]
fn missing_parts_are_empty() {
    for text in [
        "{}",
        r#"{"tools": null, "latest": null, "revisionHash": null, "deprecations": null}"#,
        r#"{"tools": {}, "deprecations": {}}"#,
        r#"{"tools": {"kubectl": []}, "deprecations": {"1.28": null}}"#,
    ] {
        let why = "the versions document has no kubectl 1.28";
        check(Some(text), "1.28", Original, "latest", why);
        let why = "Tentacle knows a tag for Kubernetes 1.28";
        check(Some(text), "1.28", Present, "1.28", why);
    }
}

#[test]
fn entries_that_are_no_versions_fit_no_cluster() {
    let text = r#"{"tools": {"kubectl": ["v1.31.0", "1.31.x", "1", "", "1.31.0-rc.1", "1.31.1.1.1",
        "1.99999999999", "1. 31", "1.+31", "1.30"]}, "revisionHash": "a",
        "deprecations": {"v1.31": {"latestTag": "x"}, "1.31+": {"latestTag": "x"}}}"#;
    let why = "the versions document has no kubectl 1.31";
    check(Some(text), "1.31", Original, "latest", why);
    let why = "the versions document has kubectl 1.30";
    check(Some(text), "1.30", Present, "1.30-a", why);
}

#[test]
fn the_first_of_two_entries_of_a_version_counts() {
    let text = r#"{"tools": {"kubectl": ["1.30.2", "1.30.1"]}, "revisionHash": "a",
        "deprecations": {"1.29": {"latestTag": "first"}, "1.29.0": {"latestTag": "second"}}}"#;
    let why = "the versions document has kubectl 1.30.2";
    check(Some(text), "1.30", Present, "1.30-a", why);
    let why = "the versions document deprecates Kubernetes 1.29";
    check(Some(text), "1.29", Present, "first", why);
}

#[test]
fn a_revision_hash_that_makes_no_tag_is_unresolved() {
    let missing = "the versions document has no revisionHash";
    for (hash, why) in [
        ("null", missing.to_owned()),
        (r#""""#, missing.to_owned()),
        (r#""a b""#, illegal("a b")),
        (r#""a/b""#, illegal("a/b")),
        (r#""a:b""#, illegal("a:b")),
        (r#""é""#, illegal("é")),
        (r#""a\nb""#, illegal(r"a\nb")),
        (
            r#""a@sha256:DIGEST""#,
            illegal(&format!("a@sha256:{DIGEST}")),
        ),
    ] {
        let text = format!(r#"{{"tools": {{"kubectl": ["1.30.1"]}}, "revisionHash": {hash}}}"#);
        for resolver in [Original, Present] {
            check(Some(&text), "1.30", resolver, "unresolved", &why);
        }
        let known = "Tentacle knows a tag for Kubernetes 1.29";
        check(Some(&text), "1.29", Present, "1.29", known);
    }
}

fn illegal(hash: &str) -> String {
    format!("`{hash}`, the revisionHash of the versions document, is not legal in a tag")
}

#[test]
fn a_latest_tag_that_is_none_is_unresolved() {
    let upper = DIGEST.to_uppercase();
    let malformed = |tag: &str, why: &str| {
        format!("`{tag}`, the latestTag of the deprecated 1.28, is malformed: {why}")
    };
    for (tag, why) in [
        ("1.28 ", "this is not a legal tag"),
        (":1.28", "this is not a legal tag"),
        ("@sha256:abc", "this is not a legal tag"),
        ("1.28/x", "this is neither a tag nor a tag with its digest"),
        ("1.28@", "this is neither a tag nor a tag with its digest"),
        (
            "1.28@sha256:abc",
            "a sha256 digest has 64 digits, this one has 3",
        ),
        ("1.28@md5:abcdef", "the digest algorithm `md5` is not known"),
        (
            &format!("1.28@sha256:{upper}"),
            "the digest has upper-case letters",
        ),
    ] {
        let text = format!(r#"{{"deprecations": {{"1.28": {{"latestTag": "{tag}"}}}}}}"#);
        for resolver in [Original, Present] {
            check(
                Some(&text),
                "1.28",
                resolver,
                "unresolved",
                &malformed(tag, why),
            );
        }
    }
    for text in [
        r#"{"deprecations": {"1.28": {}}}"#,
        r#"{"deprecations": {"1.28": {"latestTag": null}}}"#,
        r#"{"deprecations": {"1.28": {"latestTag": ""}}}"#,
    ] {
        let why = "the versions document deprecates 1.28 without a latestTag";
        check(Some(text), "1.28", Present, "unresolved", why);
    }
}

#[test]
fn a_cluster_version_is_read_as_an_api_server_writes_it() {
    for (text, expected) in [
        ("1.27", "1.27"),
        ("1.27+", "1.27"),
        ("v1.27", "1.27"),
        ("1.27.3", "1.27"),
        ("v1.27.3-gke.100", "1.27"),
        ("1.27.16-eks-a18cd3a", "1.27"),
        ("1.27\n", "1.27"),
        ("1.09", "1.9"),
    ] {
        let found = KubernetesVersion::parse(text).map(|version| version.to_string());
        assert_eq!(found.as_deref(), Some(expected), "{text}");
    }
    for text in [
        "",
        ".",
        "1",
        "v",
        "27+",
        "1.",
        ".27",
        "1.x",
        "1.27-rc1",
        "1.+27",
        "-1.27",
        ">1.27",
        "1.27,1.28",
        "1.4294967296",
        "latest",
        "1.٢٧",
    ] {
        assert_eq!(KubernetesVersion::parse(text), None, "{text}");
    }
}

#[test]
fn a_revision_is_told_from_other_tags() {
    for tag in ["1.36-tT2Ki6", "1.36-a", "1.36-r12"] {
        assert!(is_revision_of(tag, cluster("1.36")), "{tag}");
    }
    for tag in [
        "",
        "latest",
        "1.36",
        "1.36-",
        "1.36-tT2Ki67",
        "1.36-a.b",
        "1.36-é",
        "1.35-tT2Ki6",
        "1.3-tT2Ki6",
        "1.360-tT2Ki6",
        "v1.36-tT2Ki6",
        "1.36.0-tT2Ki6",
        "1.36_tT2Ki6",
        "1.36-tT2Ki6@sha256:x",
        "kube1.36.0-helm3.20.2-pwsh7.6.1-tT2Ki6",
    ] {
        assert!(!is_revision_of(tag, cluster("1.36")), "{tag}");
    }
}

/// A cluster's version, the algorithm, and the tag.
type Row<'a> = (&'a str, Resolver, &'a str);

/// Every version of the vendor's file in the corpus, by its commit.
#[test]
fn the_vendors_own_documents_are_read() {
    let of_26 = "1.26@sha256:a0892db7be9d668eceba2ce0c56ed82b2a58ff205ffea27a98e40825143b63f0";
    let of_28 = "1.28@sha256:c2a7c7d230b2c959c4228f0860d5d6dca143a38fa037911fc5dd0319a0cf1ed0";
    let cases: [(&str, &[Row]); 6] = [
        (
            "71e4322",
            &[
                ("1.26", Present, "unresolved"),
                ("1.26", Original, "unresolved"),
                ("1.27", Present, "1.27@sha256:DIGEST"),
                ("1.31", Original, "latest"),
                ("1.31", Present, "1.31-Juaa5J"),
            ],
        ),
        (
            "27d1095",
            &[
                ("1.26", Present, "unresolved"),
                ("1.26", Original, "unresolved"),
                ("1.28", Present, "1.28-vPd72i"),
            ],
        ),
        (
            "5160db3",
            &[
                ("1.26", Present, of_26),
                ("1.28", Present, "unresolved"),
                ("1.28", Original, "unresolved"),
                ("1.30", Present, "1.30-QD5i6B"),
            ],
        ),
        (
            "35b71ea",
            &[("1.28", Present, of_28), ("1.31", Original, "latest")],
        ),
        (
            "56d67d8",
            &[
                ("1.35", Original, "latest"),
                ("1.35", Present, "1.35-xJ9ZjR"),
                ("1.32", Original, "1.32-xJ9ZjR"),
            ],
        ),
        (
            "21daec4",
            &[
                ("1.36", Original, "latest"),
                ("1.36", Present, "1.36-tT2Ki6"),
                ("1.33", Original, "1.33-tT2Ki6"),
                ("1.26", Original, of_26),
                ("1.37", Present, "latest"),
            ],
        ),
    ];
    let Some(folder) = shared("corpus/octopus") else {
        return;
    };
    let files = std::fs::read_dir(&folder).expect("a folder").count();
    assert_eq!(files, cases.len(), "each file has its row");
    for (commit, rows) in cases {
        let file = folder.join(format!("versions-{commit}.json"));
        let text = std::fs::read_to_string(file).expect("a text");
        let versions = VersionsDocument::parse(&text).expect("the vendor's document");
        for (version, resolver, expected) in rows {
            let resolution = resolve(Some(&versions), cluster(version), *resolver);
            let (found, _) = told(&resolution);
            let expected = expected.replace("DIGEST", DIGEST);
            assert_eq!(found, expected, "{commit} {version} {resolver:?}");
        }
    }
}

#[test]
fn the_two_malformed_tags_of_the_vendor_are_named() {
    let short = &DIGEST[..63];
    let text = VECTORS.replace("1.26@sha256:DIGEST", &format!("1.26@sha256:{short}"));
    let why = format!(
        "`1.26@sha256:{short}`, the latestTag of the deprecated 1.26, is malformed: \
         a sha256 digest has 64 digits, this one has 63"
    );
    check(Some(&text), "1.26", Present, "unresolved", &why);
    let text = VECTORS.replace("1.27@sha256:DIGEST", "1.27sha256:DIGEST");
    let why = format!(
        "`1.27sha256:{DIGEST}`, the latestTag of the deprecated 1.27, is malformed: \
         this is not a legal tag"
    );
    check(Some(&text), "1.27", Present, "unresolved", &why);
}

#[track_caller]
fn check_error(text: &str, at: &str, key: &str, what: &str) {
    let error = VersionsDocument::parse(text).expect_err("the document is refused");
    let found = format!("{}: {error}", error.key);
    assert_text_eq(&found, &format!("{key}: {what}"));
    assert!(text[error.at..].starts_with(at), "{text} at {}", error.at);
}

#[test]
fn what_is_no_versions_document_is_refused_with_its_place() {
    check_error("", "", "", "the text holds no document");
    check_error("{} \n---\n{}", "{}", "", "a second document follows");
    check_error("[1]", "[1]", "", "expected a mapping, found a list");
    check_error("7", "7", "", "expected a mapping, found a number");
    check_error(
        r#"{"latest": 1.35}"#,
        "1.35}",
        "latest",
        "expected text, found a number",
    );
    check_error(
        r#"{"revisionHash": ["a"]}"#,
        "[\"a\"",
        "revisionHash",
        "expected text, found a list",
    );
    check_error(
        r#"{"tools": []}"#,
        "[]",
        "tools",
        "expected a mapping, found a list",
    );
    check_error(
        r#"{"tools": {"kubectl": "1.36.0"}}"#,
        "\"1.36.0\"",
        "tools.kubectl",
        "expected a list, found text",
    );
    check_error(
        r#"{"tools": {"kubectl": ["1.36.0", 1.35]}}"#,
        "1.35]",
        "tools.kubectl[1]",
        "expected text, found a number",
    );
    check_error(
        r#"{"tools": {"kubectl": [null]}}"#,
        "null]",
        "tools.kubectl[0]",
        "expected text, found nothing",
    );
    check_error(
        r#"{"deprecations": {"1.26": "1.26@sha256:x"}}"#,
        "\"1.26@",
        "deprecations.1.26",
        "expected a mapping, found text",
    );
    check_error(
        r#"{"deprecations": {"1.26": {"latestTag": true}}}"#,
        "true",
        "deprecations.1.26.latestTag",
        "expected text, found a boolean",
    );
    check_error("{[a]: b}", "[a]", "", "expected a key, found a list");
}

#[test]
fn a_key_that_stands_twice_is_refused() {
    let twice = |key: &str| format!("the key `{key}` stands twice in one mapping");
    for (text, at, key, name) in [
        (
            r#"{"latest": "1.3", "latest": "1.3"}"#,
            "\"latest\": \"1.3\"}",
            "",
            "latest",
        ),
        (r#"{"x": 1, "x" : 2}"#, "\"x\" : 2}", "", "x"),
        (
            r#"{"deprecations": {"1.26": {}, "1.26" : {}}}"#,
            "\"1.26\" :",
            "deprecations",
            "1.26",
        ),
        (
            r#"{"tools": {"kubectl": [], "kubectl" : []}}"#,
            "\"kubectl\" :",
            "tools",
            "kubectl",
        ),
    ] {
        check_error(text, at, key, &twice(name));
    }
}

#[test]
fn what_only_yaml_knows_is_refused_where_it_could_repeat() {
    let what = "neither an alias nor a merge key may stand in JSON";
    check_error(
        "latest: &a '1.3'\nrevisionHash: *a\n",
        "*a",
        "revisionHash",
        what,
    );
    check_error(
        "tools: {kubectl: [&a '1.3', *a]}",
        "*a]",
        "tools.kubectl[1]",
        what,
    );
    check_error("x: &a {b: c}\n<<: *a\n", "<<", "", what);
    check_error("x: &a b\n*a : c\n", "*a", "", what);
    let versions = document("tools: {kubectl: ['1.30.1']} # by hand\nrevisionHash: aB3\n");
    let (tag, _) = told(&resolve(Some(&versions), cluster("1.30"), Present));
    assert_eq!(tag, "1.30-aB3");
}

#[test]
fn json_in_every_layout_is_read() {
    for text in [
        "{\"tools\":{\"kubectl\":[\"1.30.1\"]},\"revisionHash\":\"a\"}",
        "{\r\n\t\"tools\": {\r\n\t\t\"kubectl\": [\r\n\t\t\t\"1.30.1\"\r\n\t\t]\r\n\t},\r\n\t\"revisionHash\": \"a\"\r\n}\r\n",
        "\u{feff}{\"tools\" : {\"kubectl\" : [\"1\\u002e30.1\"]}, \"revisionHash\" : \"\\u0061\"}",
        "{\"tools\"\n:\n{\"kubectl\"\n:\n[\"1.30.1\"]}\n,\n\"revisionHash\"\n:\n\"a\"}",
    ] {
        let versions = VersionsDocument::parse(text).expect(text);
        let (tag, _) = told(&resolve(Some(&versions), cluster("1.30"), Present));
        assert_eq!(tag, "1.30-a", "{text}");
    }
}

#[test]
fn large_and_deep_documents_take_linear_time() {
    let started = Instant::now();
    for brackets in [["[", "]"], ["{\"a\":", "}"]] {
        let deep: String = brackets.map(|bracket| bracket.repeat(100_000)).concat();
        VersionsDocument::parse(&deep).expect_err("too deep");
    }
    let mut large = String::from(r#"{"tools": {"kubectl": ["1.30.0""#);
    for index in 0..20_000 {
        write!(large, r#", "1.30.{index}""#).expect("a text");
    }
    large.push_str(r#"]}, "deprecations": {"2.0": {}"#);
    for index in 0..20_000 {
        write!(large, r#", "2.{index}.1": {{"latestTag": "x"}}"#).expect("a text");
    }
    let hash = "a".repeat(1_000_000);
    write!(large, r#"}}, "revisionHash": "{hash}"}}"#).expect("a text");
    let versions = VersionsDocument::parse(&large).expect("large is no fault");
    let (tag, why) = told(&resolve(Some(&versions), cluster("1.30"), Present));
    assert_eq!(tag, "unresolved");
    assert!(why.len() < 300, "a message stays short: {}", why.len());
    let key = "k".repeat(1_000_000);
    let error =
        VersionsDocument::parse(&format!("{{{key:?}: 1, {key:?}: 2}}")).expect_err("a duplicate");
    assert!(error.what.len() < 300 && error.key.len() < 300);
    assert!(started.elapsed() < Duration::from_secs(30));
}

/// Words that mean something to the document, and the marks of JSON and YAML between them.
fn fragment() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "tools",
        "kubectl",
        "latest",
        "revisionHash",
        "deprecations",
        "latestTag",
        "1.30",
        "1.30.1",
        "1.30@sha256:",
        DIGEST,
        "tT2Ki6",
        "null",
        "&a ",
        "*a",
        "<<",
        "-",
        ":",
        ",",
        "{",
        "}",
        "[",
        "]",
        "\"",
        " ",
        "\n",
        "é",
    ]);
    prop::collection::vec(word, 0..30).prop_map(|words| words.concat())
}

fn value() -> impl Strategy<Value = String> {
    let digits = "[0-9a-f]{63,65}";
    prop_oneof![
        "[a-zA-Z0-9]{0,7}",
        "[ -~]{0,12}",
        any::<String>(),
        digits.prop_map(|digits| format!("1.30@sha256:{digits}")),
        (1..140usize).prop_map(|length| "a".repeat(length)),
    ]
}

proptest! {
    #[test]
    fn a_resolved_tag_is_legal(
        hash in value(), latest_tag in value(), latest in value(), minor in 24u32..39,
    ) {
        let text = serde_json::json!({
            "tools": {"kubectl": ["1.30.1", latest]},
            "latest": latest,
            "revisionHash": hash,
            "deprecations": {"1.29": {"latestTag": latest_tag}},
        });
        // YAML allows fewer characters than JSON, so not every document is read.
        let versions = VersionsDocument::parse(&text.to_string()).ok();
        let cluster = KubernetesVersion { major: 1, minor };
        for resolver in [Original, Present] {
            let resolution = resolve(versions.as_ref(), cluster, resolver);
            let (tag, why) = told(&resolution);
            prop_assert!(!why.is_empty() && !why.contains('\n'));
            let image = format!("octopusdeploy/kubernetes-agent-tools-base:{tag}");
            let reference = Reference::parse(&image).expect("a legal reference");
            if let Resolution::Tag { tag, digest, .. } = &resolution {
                prop_assert_eq!(reference.tag, Some(tag.as_str()));
                prop_assert_eq!(reference.digest, digest.as_deref());
            }
        }
    }

    #[test]
    fn no_document_makes_it_panic(text in prop_oneof![fragment(), any::<String>()], minor in any::<u32>()) {
        let cluster = KubernetesVersion { major: 1, minor };
        match VersionsDocument::parse(&text) {
            Ok(versions) => drop(resolve(Some(&versions), cluster, Original)),
            Err(error) => prop_assert!(text.is_char_boundary(error.at)),
        }
        let _ = KubernetesVersion::parse(&text);
        is_revision_of(&text, cluster);
    }

    #[test]
    fn a_version_reads_what_it_prints(major in any::<u32>(), minor in any::<u32>()) {
        let version = KubernetesVersion { major, minor };
        prop_assert_eq!(KubernetesVersion::parse(&version.to_string()), Some(version));
    }
}
