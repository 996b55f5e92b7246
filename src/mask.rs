//! How an image is printed: whole where it is a reference, else as far as the grammar of references
//! goes, since the rest may hold somebody's password.
//!
//! A text that parses as a reference has a place for a registry, a path, a tag and a digest, and none
//! for a user: `user:token@host/image` never parses.

mod legal;
mod location;

use std::borrow::Cow;

use crate::image::{Reference, ReferenceError, access_token};
use crate::suggest::nearest;

use legal::{is_digest, is_reference, legal, legal_characters};
pub(crate) use location::location;

/// Placeholder for text that is not printed.
pub(crate) const MASK: &str = "***";

/// An image for a message.
pub(crate) fn image(text: &str) -> Cow<'_, str> {
    if Reference::parse(text).is_ok() {
        return Cow::Borrowed(text);
    }
    if let Some(token) = access_token(text) {
        let (before, after) = (&text[..token.start], &text[token.end..]);
        return Cow::Owned([&image(before), MASK, &legal(after)].concat());
    }
    let Some((before, after)) = text.rsplit_once('@') else {
        return legal(text);
    };
    if is_digest(after) && is_reference(before) {
        return Cow::Borrowed(text);
    }
    let scheme = SCHEMES.iter().find(|scheme| before.starts_with(**scheme));
    let scheme = scheme.copied().unwrap_or_default();
    // After a name, what is neither a host with a repository nor a digest may be a token.
    let is_named = before[scheme.len()..].contains('/') && !after.contains('/');
    // A user is before it, so that `host:path` of Git is no user with a password.
    let host = if !is_named || is_digest(after) {
        legal_characters(after)
    } else {
        Cow::Borrowed(MASK)
    };
    Cow::Owned([scheme, MASK, "@", &host].concat())
}

/// As [`image`], of a text whose name is known to be an agent's: hides no more than what is in the place of
/// its digest, unless the text may be `USER@HOST`.
pub(crate) fn image_of_agent(text: &str) -> Cow<'_, str> {
    if let Some((before, after)) = text.split_once('@')
        && !after.contains(['@', '/', '.'])
        && before.contains('/')
        && Reference::parse(before).is_ok()
        && !is_digest(after)
    {
        return Cow::Owned([before, "@", MASK].concat());
    }
    image(text)
}

/// The name of an entry of a list of images, which kustomize takes for a regular expression: what makes it
/// one hides nothing.
pub(crate) fn entry_name(text: &str) -> Cow<'_, str> {
    let is_of_pattern = |c: char| r"\()[]{}|*+?^$,".contains(c);
    let plain: String = text.chars().filter(|c| !is_of_pattern(*c)).collect();
    if image(&plain) == plain {
        Cow::Borrowed(text)
    } else {
        image(text)
    }
}

/// An image-like text found by searching bytes rather than by parsing: returned whole if it is a
/// valid reference, otherwise not at all, since it may run on into neighbouring values.
pub(crate) fn unread(text: &str) -> &str {
    if Reference::parse(text).is_ok() {
        text
    } else {
        MASK
    }
}

/// Why a text is not an image, in words that repeat no password.
pub(crate) fn why(text: &str, error: &ReferenceError) -> String {
    let ReferenceError::Tag { tag } = error else {
        return error.to_string();
    };
    let tag = if text.contains('@') {
        MASK.to_owned()
    } else {
        legal(tag).into_owned()
    };
    ReferenceError::Tag { tag }.to_string()
}

/// A pull policy: printed whole if it is one, perhaps misspelt, else not at all, since any text may be
/// given there.
pub(crate) fn policy(text: &str) -> &str {
    // Of every agent's container a policy is printed, and most are spelt right.
    let is_spelt = text.is_empty() || PULL_POLICIES.contains(&text);
    if is_spelt || nearest(text, PULL_POLICIES).is_some() {
        text
    } else {
        MASK
    }
}

/// A word of a configuration that is not an image: printed whole, unless it could hold a password. A JSONPath
/// has an `@` of its own.
pub(crate) fn word(text: &str) -> Cow<'_, str> {
    if text.starts_with("$.") || text.starts_with("$[") {
        return Cow::Borrowed(text);
    }
    if text.contains('@') || access_token(text).is_some() {
        image(text)
    } else {
        Cow::Borrowed(text)
    }
}

/// A scalar that holds an image: the image itself, in quotes or not, or `--flag=IMAGE`.
pub(crate) fn scalar(text: &str) -> Cow<'_, str> {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''));
    if let Some(quote) = quote
        && let Some(inner) = text[1..].strip_suffix(quote)
    {
        return match scalar(inner) {
            Cow::Borrowed(_) => Cow::Borrowed(text),
            Cow::Owned(inner) => Cow::Owned(format!("{quote}{inner}{quote}")),
        };
    }
    if let Some((flag, value)) = text.split_once('=')
        && flag.starts_with('-')
        && flag
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
    {
        return match image(value) {
            Cow::Borrowed(_) => Cow::Borrowed(text),
            Cow::Owned(value) => Cow::Owned(format!("{flag}={value}")),
        };
    }
    image(text)
}

/// What Kubernetes takes as `imagePullPolicy`.
const PULL_POLICIES: [&str; 3] = ["Always", "IfNotPresent", "Never"];

/// URL schemes that people write before a reference, although no container engine accepts them.
pub(crate) const SCHEMES: [&str; 4] = ["https://", "http://", "docker://", "oci://"];

#[cfg(test)]
mod tests {
    use super::{image, scalar};

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(image(text), expected);
    }

    #[test]
    fn access_tokens_in_paths_are_covered() {
        let token = "tw_0123456789abcdefghijklmnopqrstuv";
        check(
            &format!("registry-auth.twistlock.com/{token}/twistlock/defender:defender_30_00_140"),
            "registry-auth.twistlock.com/***/twistlock/defender:defender_30_00_140",
        );
        check(
            &format!("u:p@m.example.com/{token}/a@x"),
            "***@m.example.com/***/a***",
        );
        check("m.example.com/tw_short/a", "m.example.com/tw_short/a");
    }

    #[test]
    fn names_of_entries_may_be_patterns() {
        for text in [
            r"quay\.io/(acme|foo)/.*",
            "^nginx$",
            "[a-z]+/agent",
            "quay.io/acme/l",
        ] {
            assert_eq!(super::entry_name(text), text);
        }
        for (text, expected) in [
            ("u:TOKEN@host/.*", "***@host/.***"),
            ("u:TOKEN/(a|b)", "u:***"),
            ("${A:-TOKEN}/a", "$***"),
        ] {
            assert_eq!(super::entry_name(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_like_an_at_sign_covers_what_is_before_it() {
        for at in ["%40", "&#64;", "\u{ff20}"] {
            check(&format!("u:TOKEN{at}h/realtheory/agent"), "***");
        }
        check("realtheory/agent:v1@SECRET", "***@***");
    }

    #[test]
    fn users_and_tokens_are_covered() {
        check(
            "robot:t0ken@registry.example.com/a",
            "***@registry.example.com/a",
        );
        check(
            "https://t0ken@registry.example.com/a",
            "https://***@registry.example.com/a",
        );
        check(
            "AWS:TO/KEN==@1.dkr.ecr.us-east-1.amazonaws.com/a:v1",
            "***@1.dkr.ecr.us-east-1.amazonaws.com/a:v1",
        );
        check("u:p@ss@host/a", "***@host/a");
        check("u:p@host/a@sha256:0123", "***@sha256:0123");
        check("u:p@md5:0123", "***@md5:0123");
        check("u:hunter2/realtheory/agent:v1", "u:***");
        check("https://u:hunter2/realtheory/agent", "https://u:***");
        check("realtheory/agent:v1@sha256:SECRETSECRET", "***@***");
        check("TOKEN@host", "***@host");
        check("token@host/a", "***@host/a");
        check(
            "u:p@sha256:0123456789abcdef0123456789abcdef",
            "***@sha256:0123456789abcdef0123456789abcdef",
        );
        check("u:p@host/a?x=t0ken", "***@host/a***");
        check("u:p@${HOST}/a", "***@${HOST}/a");
        check("host/a:v1, u:p@host/b", "***@host/b");
        check("host/a:v1=t0ken", "host/a:v1***");
        check("host/a b", "host/a***");
        check("user%40x:TOKEN%40host/a", "***");
        check("${A:-t0ken}/a", "$***");
    }

    #[test]
    fn what_the_grammar_takes_stays() {
        let digest = format!("registry:5000/a:v1@sha256:{}", "0".repeat(64));
        for text in [
            digest.as_str(),
            "a@sha256:0123456789abcdef0123456789abcdef",
            "realtheory/theory-k8s-collector:v1@sha256:0123",
            "realtheory/theory-k8s-collector:v1@md5:d41d8cd98f00b204e9800998ecf8427e",
            "realtheory/theory-k8s-collector:v1@${DIGEST}",
            "Realtheory/Collector:v1",
            "realtheory/collector:v1+2",
            "${REGISTRY}/realtheory/collector:$(TAG)",
            "{{ .Values.image }}:{{ .Values.tag }}",
            "<registry>/realtheory/collector",
            "realtheory/collector:%TAG%",
            "",
        ] {
            check(text, text);
        }
    }

    #[test]
    fn scalars_keep_their_quotes_and_flags() {
        for (text, expected) in [
            ("\"u:p@host/a\"", "\"***@host/a\""),
            ("'host/a'", "'host/a'"),
            ("--image=u:p@host/a", "--image=***@host/a"),
            ("\"--image=host/a:v1\"", "\"--image=host/a:v1\""),
            ("token=abc", "token***"),
            ("\"", "***"),
        ] {
            assert_eq!(scalar(text), expected);
        }
    }
}
