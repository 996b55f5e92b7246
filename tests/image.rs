//! Image references: the grammar, Docker Hub's rules, and the upstream vectors.

use proptest::prelude::*;
use restore_images::image::{Reference, ReferenceError, is_domain, is_name};
use serde_json::Value;

/// The cases of a vector file, or `None` where the file is absent and need not be there.
pub(crate) fn vectors(file: &str) -> Option<Vec<Value>> {
    let path = crate::support::shared(&format!("vectors/{file}"))?;
    let text = std::fs::read_to_string(path).expect("vector files are text");
    let vectors: Value = serde_json::from_str(&text).expect("vector files are JSON");
    Some(
        vectors["cases"]
            .as_array()
            .expect("vector files have cases")
            .clone(),
    )
}

fn sha(algorithm: &str, digits: usize) -> String {
    format!("{algorithm}:{}", "0a".repeat(digits / 2))
}

/// The parts are domain, path, tag, digest; `""` stands for an absent one.
#[track_caller]
fn check(text: &str, parts: [&str; 4], canonical: &str, familiar: &str) {
    let reference = Reference::parse(text).expect("the reference is legal");
    let found = [
        reference.domain.unwrap_or_default(),
        reference.path,
        reference.tag.unwrap_or_default(),
        reference.digest.unwrap_or_default(),
    ];
    assert_eq!(found, parts, "parts of {text}");
    assert_eq!(reference.to_string(), text);
    assert!(text.starts_with(reference.name()));
    let repository = reference.repository();
    assert_eq!(
        repository.to_string(),
        canonical,
        "canonical name of {text}"
    );
    assert_eq!(repository.familiar(), familiar, "familiar name of {text}");
    assert!(repository.is_legal(), "{repository}");
}

#[track_caller]
fn check_error(text: &str, error: ReferenceError, message: &str, help: Option<&str>) {
    assert_eq!(Reference::parse(text), Err(error.clone()), "{text}");
    assert_eq!(error.to_string(), message);
    assert_eq!(error.help().as_deref(), help);
}

#[test]
fn a_name_without_slash_is_on_docker_hub() {
    check(
        "nginx",
        ["", "nginx", "", ""],
        "docker.io/library/nginx",
        "nginx",
    );
    check(
        "nginx:1.27",
        ["", "nginx", "1.27", ""],
        "docker.io/library/nginx",
        "nginx",
    );
    check(
        "localhost",
        ["", "localhost", "", ""],
        "docker.io/library/localhost",
        "localhost",
    );
    // What looks like a host and its port is a repository and its tag.
    check(
        "localhost:5000",
        ["", "localhost", "5000", ""],
        "docker.io/library/localhost",
        "localhost",
    );
    check(
        "quay.io:443",
        ["", "quay.io", "443", ""],
        "docker.io/library/quay.io",
        "quay.io",
    );
    check(
        "10.0.0.7",
        ["", "10.0.0.7", "", ""],
        "docker.io/library/10.0.0.7",
        "10.0.0.7",
    );
}

#[test]
fn the_first_segment_may_be_a_docker_hub_namespace() {
    check(
        "acme/agent",
        ["acme", "agent", "", ""],
        "docker.io/acme/agent",
        "acme/agent",
    );
    check(
        "acme/a/b:x",
        ["acme", "a/b", "x", ""],
        "docker.io/acme/a/b",
        "acme/a/b",
    );
    check(
        "library/nginx",
        ["library", "nginx", "", ""],
        "docker.io/library/nginx",
        "nginx",
    );
    check(
        "library/a/b",
        ["library", "a/b", "", ""],
        "docker.io/library/a/b",
        "library/a/b",
    );
    // An underscore is legal in a path only.
    check(
        "ac__me/agent",
        ["", "ac__me/agent", "", ""],
        "docker.io/ac__me/agent",
        "ac__me/agent",
    );
}

#[test]
fn docker_hub_has_one_canonical_name() {
    check(
        "docker.io/nginx",
        ["docker.io", "nginx", "", ""],
        "docker.io/library/nginx",
        "nginx",
    );
    check(
        "index.docker.io/nginx",
        ["index.docker.io", "nginx", "", ""],
        "docker.io/library/nginx",
        "nginx",
    );
    check(
        "index.docker.io/acme/agent",
        ["index.docker.io", "acme/agent", "", ""],
        "docker.io/acme/agent",
        "acme/agent",
    );
    check(
        "registry-1.docker.io/acme/agent",
        ["registry-1.docker.io", "acme/agent", "", ""],
        "registry-1.docker.io/acme/agent",
        "registry-1.docker.io/acme/agent",
    );
}

#[test]
fn a_host_has_a_dot_a_colon_or_an_upper_case_letter_or_is_localhost() {
    for (text, domain) in [
        ("localhost/agent", "localhost"),
        ("ghcr.io/agent", "ghcr.io"),
        ("registry:5000/agent", "registry:5000"),
        ("10.0.0.7:443/agent", "10.0.0.7:443"),
        ("ACME/agent", "ACME"),
        ("[::1]/agent", "[::1]"),
        ("[fd00::A]:5000/agent", "[fd00::A]:5000"),
        ("xn--mnchen-3ya.example/agent", "xn--mnchen-3ya.example"),
    ] {
        check(text, [domain, "agent", "", ""], text, text);
    }
}

#[test]
fn a_host_outside_the_grammar_is_still_the_host_that_is_asked() {
    // Distribution finds no domain in it but prints the same canonical name, and nodes dial it.
    let reference = Reference::parse("my_registry.local/agent").expect("legal in distribution");
    assert_eq!(reference.domain, None);
    assert_eq!(reference.repository().domain(), "my_registry.local");
    assert_eq!(
        reference.repository().to_string(),
        "my_registry.local/agent"
    );
    assert!(!reference.repository().is_legal());
}

#[test]
fn familiar_names_mean_the_same_repository_again() {
    // Distribution's familiar forms of these mean something else.
    let id = "0a".repeat(32);
    for name in [
        "docker.io/a.b/c".to_owned(),
        "docker.io/localhost/c".to_owned(),
        format!("docker.io/{id}"),
    ] {
        let repository = Reference::parse(&name).expect("legal").repository();
        assert_eq!(repository.familiar(), name);
    }
}

#[test]
fn a_reference_is_in_its_repository_and_no_other() {
    let names = [
        "nginx",
        "library/nginx",
        "docker.io/nginx",
        "index.docker.io/library/nginx:1.27",
        "docker.io/library/nginx/x",
        "a/nginx",
        "ghcr.io/nginx",
        "ghcr.io/library/nginx",
        "localhost/nginx",
        "localhost:5000/nginx",
    ];
    let all = names.map(|name| Reference::parse(name).expect("legal"));
    for one in all {
        for other in all {
            let repository = other.repository();
            assert_eq!(repository.name(), repository.to_string());
            let is_same = one.repository() == repository;
            assert_eq!(one.is_in(&repository), is_same, "{one} in {repository}");
        }
    }
}

#[test]
fn tag_and_digest_are_both_kept() {
    for (algorithm, digits) in [("sha256", 64), ("sha384", 96), ("sha512", 128)] {
        let digest = sha(algorithm, digits);
        let text = format!("ghcr.io:443/acme/agent:v1.2@{digest}");
        check(
            &text,
            ["ghcr.io:443", "acme/agent", "v1.2", &digest],
            "ghcr.io:443/acme/agent",
            "ghcr.io:443/acme/agent",
        );
        let text = format!("agent@{digest}");
        check(
            &text,
            ["", "agent", "", &digest],
            "docker.io/library/agent",
            "agent",
        );
    }
}

#[test]
fn what_is_no_reference_is_refused() {
    for text in [
        "ko://github.com/acme/agent",
        "$(IMAGE)",
        "${IMAGE}",
        "{{ .Values.image }}",
        "{STABLE_TAG}",
        "oci://ghcr.io/acme",
        "https://ghcr.io/acme/agent",
        "<version>",
        " nginx",
        "nginx ",
        "nginx\n",
        ":v1",
        "/",
        "@",
        "ghcr.io/",
        "/agent",
        "a//b",
        "-a/b",
        "a-/b",
        "a..b/c",
        "a___b",
        "a._b",
        "Acme_/agent",
        "_a",
        "a_",
        "[::1]",
        "[::1]:5000",
        "[::1]x/agent",
        "[]/agent",
        "[::1/agent",
        "[fe80::1%25eth0]/agent",
        "::1/agent",
        "host:/agent",
        "host:port/agent",
        "agent@",
        "agent@sha256",
        "agent@sha256:",
        "agent@sha256:xyz",
        "agent@9sha:00000000000000000000000000000000",
        "agent@sha256:0@sha256:0",
        "agént",
        "ｎginx",
    ] {
        let error = Reference::parse(text).expect_err(text);
        let is_format = matches!(
            error,
            ReferenceError::Format | ReferenceError::DigestLength { .. }
        );
        assert!(is_format, "{text:?}: {error:?}");
    }
    // A legal reference by the grammar: only the catalogue of fields can tell that it is a keyword.
    check(
        "auto",
        ["", "auto", "", ""],
        "docker.io/library/auto",
        "auto",
    );
}

#[test]
fn errors_say_what_is_wrong_and_what_to_write() {
    use ReferenceError as E;
    check_error("", E::Empty, "an image reference cannot be empty", None);
    check_error(
        "a b",
        E::Format,
        "a reference has the form [HOST/]NAME[:TAG][@DIGEST]",
        None,
    );
    for text in ["Agent", "acme/Agent:v1", "ghcr.io/ACME/agent"] {
        check_error(
            text,
            E::UpperCase,
            "the repository name has upper-case letters",
            Some("write it in lower case"),
        );
    }
    check_error(
        "agent:1.2.3+build.7",
        E::Tag {
            tag: "1.2.3+build.7".into(),
        },
        "`1.2.3+build.7` is not a legal tag",
        Some("write `1.2.3_build.7`"),
    );
    let error = Reference::parse("agent:v1\nv2").expect_err("not a tag");
    assert_eq!(error.to_string(), "`v1\\nv2` is not a legal tag");
    check_error(
        "ghcr.io/agent:",
        E::Tag { tag: String::new() },
        "`` is not a legal tag",
        Some(
            "a tag has 1 to 128 ASCII letters, digits, `_`, `.` and `-`, and starts with neither `.` nor `-`",
        ),
    );
    check_error(
        "agent@md5:00000000000000000000000000000000",
        E::DigestAlgorithm {
            algorithm: "md5".into(),
        },
        "the digest algorithm `md5` is not known",
        Some("use sha256, sha384 or sha512"),
    );
    check_error(
        "agent@SHA256:00000000000000000000000000000000",
        E::DigestAlgorithm {
            algorithm: "SHA256".into(),
        },
        "the digest algorithm `SHA256` is not known",
        Some("use sha256, sha384 or sha512"),
    );
    check_error(
        "agent@sha256:abcd",
        E::DigestLength {
            algorithm: "sha256",
            expected: 64,
            found: 4,
        },
        "a sha256 digest has 64 digits, this one has 4",
        None,
    );
    check_error(
        &format!("agent@sha256:{}", "AB".repeat(32)),
        E::DigestCase,
        "the digest has upper-case letters",
        Some("write it in lower case"),
    );
    check_error(
        &"0a".repeat(32),
        E::Identifier,
        "64 hexadecimal digits are an image ID, not a name",
        Some("write `docker.io/` before it if it is a name"),
    );
}

#[test]
fn lengths_are_limited() {
    let tag = "t".repeat(128);
    assert!(Reference::parse(&format!("agent:{tag}")).is_ok());
    assert!(matches!(
        Reference::parse(&format!("agent:{tag}t")),
        Err(ReferenceError::Tag { .. })
    ));

    // The host does not count, the `library/` that Docker Hub puts in does.
    let path = "p".repeat(255);
    assert!(Reference::parse(&format!("ghcr.io/{path}")).is_ok());
    check_error(
        &format!("ghcr.io/{path}p"),
        ReferenceError::NameTooLong { length: 256 },
        "the repository path has 256 bytes, 255 are allowed",
        None,
    );
    assert!(Reference::parse(&path[..247]).is_ok());
    check_error(
        &path[..248],
        ReferenceError::NameTooLong { length: 256 },
        "the repository path has 256 bytes, 255 are allowed",
        None,
    );
}

#[test]
fn a_long_text_takes_linear_time() {
    for piece in [
        "a", "-", "/", ":", "@", ".", "_", "[", "a-", "a/", "a:", "A", "é",
    ] {
        assert!(Reference::parse(&piece.repeat(1 << 20)).is_err());
    }
}

#[test]
fn distribution_references_agree() {
    let Some(cases) = vectors("references.json") else {
        return;
    };
    let (mut parsed, mut normalized, mut dropped) = (0, 0, 0);
    for case in &cases {
        match case["kind"].as_str() {
            Some("parse") => {
                parsed += 1;
                check_parse_vector(case);
            }
            Some("normalize") => {
                normalized += 1;
                check_normalize_vector(case);
            }
            // ParseDockerRef drops the tag of tag and digest, which this program must never do.
            Some("docker-ref") => dropped += 1,
            kind => panic!("unknown kind {kind:?}"),
        }
    }
    assert_eq!((parsed, normalized, dropped), (47, 85, 11));
}

/// Whether the reference that the vector names is legal here.
#[track_caller]
fn parse_vector(case: &Value) -> Option<Reference<'_>> {
    let input = case["input"].as_str().expect("each case has an input");
    // In the source's test binary sha512 is no known algorithm; with us it is.
    let sha512 = case["depends_on"] == "registered-algorithms";
    let refused = case["error"] == true && !sha512;
    let result = Reference::parse(input);
    assert_eq!(result.is_err(), refused, "{input}: {result:?}");
    let kind = match &result {
        Ok(_) => return result.ok(),
        Err(ReferenceError::Empty) => "empty",
        Err(ReferenceError::Format | ReferenceError::Tag { .. }) => "format",
        Err(ReferenceError::UpperCase) => "uppercase",
        Err(ReferenceError::NameTooLong { .. }) => "too-long",
        Err(ReferenceError::DigestAlgorithm { .. }) => "digest-unsupported",
        Err(ReferenceError::DigestLength { .. }) => "digest-length",
        Err(ReferenceError::DigestCase) => "digest-case",
        Err(ReferenceError::Identifier) => "identifier",
        Err(ReferenceError::AccessToken) => "token",
    };
    if let Some(stated) = case["error_kind"].as_str() {
        assert_eq!(kind, stated, "{input}");
    }
    None
}

#[track_caller]
fn check_parse_vector(case: &Value) {
    let Some(reference) = parse_vector(case) else {
        return;
    };
    let parts = [
        ("domain", reference.domain),
        ("path", Some(reference.path)),
        ("tag", reference.tag),
        ("digest", reference.digest),
    ];
    for (key, part) in parts {
        if let Some(stated) = case[key].as_str() {
            assert_eq!(
                part.unwrap_or_default(),
                stated,
                "{key} of {}",
                case["input"]
            );
        }
    }
    assert_eq!(reference.to_string(), case["input"]);
}

#[track_caller]
fn check_normalize_vector(case: &Value) {
    let Some(reference) = parse_vector(case) else {
        return;
    };
    let repository = reference.repository();
    let suffix = &reference.to_string()[reference.name().len()..];
    let parts = [
        ("domain", repository.domain().to_owned()),
        ("path", repository.path().to_owned()),
        ("familiar", repository.familiar()),
        ("canonical", format!("{repository}{suffix}")),
    ];
    for (key, part) in parts {
        if let Some(stated) = case[key].as_str() {
            assert_eq!(part, stated, "{key} of {}", case["input"]);
        }
    }
}

#[test]
fn distribution_domains_and_names_agree() {
    let Some(cases) = vectors("domains.json") else {
        return;
    };
    let (mut domains, mut names) = (0, 0);
    for case in &cases {
        let input = case["input"].as_str().expect("each case has an input");
        if case["kind"] == "domain" {
            domains += 1;
            assert_eq!(is_domain(input), case["match"] == true, "{input}");
            continue;
        }
        names += 1;
        let name = is_name(input);
        assert_eq!(name.is_some(), case["match"] == true, "{input}");
        let Some((domain, path)) = name else { continue };
        if let Some(stated) = case["domain"].as_str() {
            assert_eq!(domain.unwrap_or_default(), stated, "domain of {input}");
        }
        if let Some(stated) = case["path"].as_str() {
            assert_eq!(path, stated, "path of {input}");
        }
    }
    assert_eq!((domains, names), (30, 61));
}

fn quiet() -> ProptestConfig {
    // A failing input is printed; no file is left in the tree.
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

#[track_caller]
fn check_any(text: &str) {
    let Ok(reference) = Reference::parse(text) else {
        return;
    };
    assert_eq!(reference.to_string(), text);
    let repository = reference.repository();
    let familiar = repository.familiar();
    let again = Reference::parse(&familiar)
        .expect("a familiar name is legal")
        .repository();
    assert_eq!(again, repository);
    let canonical = repository.to_string();
    let again = Reference::parse(&canonical)
        .expect("a canonical name is legal")
        .repository();
    assert_eq!(again, repository);
}

proptest! {
    #![proptest_config(quiet())]

    #[test]
    fn any_text_prints_back_or_is_refused(text in any::<String>()) {
        check_any(&text);
        let _ = (is_domain(&text), is_name(&text));
    }

    #[test]
    fn nearly_legal_text_prints_back_or_is_refused(
        text in "[a-zA-Z0-9:/@.é_+\\[\\]-]{0,20}(@sha(256|512):[0-9a-fA-F]{64})?",
    ) {
        check_any(&text);
    }

    #[test]
    fn the_parts_of_a_legal_reference_come_back(
        domain in "([a-zA-Z0-9]{1,4}(-{1,3}[a-z0-9]{1,3})?(\\.[a-z0-9]{1,3}){0,2}|\\[[0-9a-fA-F:]{1,9}\\])(:[0-9]{1,5})?",
        path in "[a-z0-9]{1,4}((\\.|_|__|-{1,3})[a-z0-9]{1,3}){0,2}(/[a-z0-9]{1,4}(__|-{1,3})[a-z0-9]{1,3}){0,2}",
        tag in prop::option::of("[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}"),
        digest in prop::option::of("sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128}"),
    ) {
        let mut text = format!("{domain}/{path}");
        if let Some(tag) = &tag {
            text += &format!(":{tag}");
        }
        if let Some(digest) = &digest {
            text += &format!("@{digest}");
        }
        let reference = Reference::parse(&text).expect("the reference is legal");
        prop_assert_eq!(reference.domain, Some(domain.as_str()));
        prop_assert_eq!(reference.path, path.as_str());
        prop_assert_eq!(reference.tag, tag.as_deref());
        prop_assert_eq!(reference.digest, digest.as_deref());
        prop_assert_eq!(reference.to_string(), text);
    }
}
