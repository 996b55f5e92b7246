//! How an image is printed: whole where it is a reference, else as far as the grammar of references
//! goes, since the rest may hold somebody's password.
//!
//! A text that parses as a reference has a place for a registry, a path, a tag and a digest, and none
//! for a user: `user:token@host/image` never parses.

mod location;

use std::borrow::Cow;

use crate::image::{Reference, ReferenceError, access_token, is_name, is_tag};
use crate::suggest::nearest;

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

/// Whether what is before an `@` that is escaped may be a user.
fn has_escaped_user(text: &str) -> bool {
    AT.iter().any(|at| text.contains(at))
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

/// Whether this is a name, with a tag or without, that is before a digest and is no user with a
/// password: `user:token` has no `/`, and no user has one.
fn is_reference(text: &str) -> bool {
    let last = text.rfind('/').map_or(0, |slash| slash + 1);
    let (name, tag) = match text[last..].find(':') {
        Some(colon) => (&text[..last + colon], Some(&text[last + colon + 1..])),
        None => (text, None),
    };
    let is_legal_tag = tag.is_none_or(|tag| last > 0 && is_tag(tag));
    is_legal_tag && is_name(&name.to_ascii_lowercase()).is_some()
}

/// The algorithms that people write before a digest; images have the last three.
const ALGORITHMS: [&str; 6] = ["md5:", "sha1:", "sha224:", "sha256:", "sha384:", "sha512:"];

/// Whether this looks like a digest: an algorithm and digits, even wrong ones or too few, or
/// a placeholder for it.
fn is_digest(text: &str) -> bool {
    let hash = ALGORITHMS
        .iter()
        .find_map(|algorithm| text.strip_prefix(algorithm));
    let is_placeholder = |text: &str| placeholder(text) == Some(text.len());
    match hash {
        Some(hash) => hash.bytes().all(|b| b.is_ascii_hexdigit()) || is_placeholder(hash),
        None => is_placeholder(text),
    }
}

/// An `@` that is escaped, or only looks like one.
const AT: [&str; 6] = ["%40", "&#64;", "&#x40;", "&commat;", "\u{ff20}", "\u{fe6b}"];

/// The text as far as it is a reference: a host with a port, a path, a tag.
fn legal(text: &str) -> Cow<'_, str> {
    let Some(end) = after_port(text) else {
        return legal_characters(text);
    };
    // What is before an `@` may be a user as well.
    let shown = if has_escaped_user(text) {
        ""
    } else {
        &text[..end]
    };
    Cow::Owned([shown, MASK].concat())
}

/// The text as far as its characters are those of references and of placeholders in them.
fn legal_characters(text: &str) -> Cow<'_, str> {
    let is_legal =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | ':' | '+' | '$');
    let mut end = 0;
    loop {
        let rest = &text[end..];
        end += rest.find(|c| !is_legal(c)).unwrap_or(rest.len());
        match placeholder(&text[end..]) {
            Some(length) => end += length,
            None if end == text.len() => return Cow::Borrowed(text),
            // What is before it may be a user with a password.
            None if AT.iter().any(|at| text[end..].starts_with(at)) => return Cow::Borrowed(MASK),
            None => return Cow::Owned([&text[..end], MASK].concat()),
        }
    }
}

/// Where text begins that is in the place of a port and is none, such as the password of
/// `user:password/name`.
fn after_port(text: &str) -> Option<usize> {
    let scheme = SCHEMES.iter().find(|scheme| text.starts_with(**scheme));
    let start = scheme.map_or(0, |scheme| scheme.len());
    let (host, _) = text[start..].split_once('/')?;
    // The colons of an IPv6 address are between brackets.
    let address = host.find(']').filter(|_| host.starts_with('['));
    let from = address.unwrap_or_default();
    let colon = from + host[from..].find(':')?;
    let (before, port) = (&host[..colon], &host[colon + 1..]);
    let is_port = port.bytes().all(|byte| byte.is_ascii_digit());
    let may_be_placeholder =
        before.contains(['{', '(', '<', '%']) || port.contains(['{', '(', '<', '%']);
    (!is_port && !may_be_placeholder).then_some(start + before.len() + 1)
}

/// The length of a placeholder at the beginning: `${NAME}`, `$(NAME)`, `{{ .Values.name }}`,
/// `<name>`, `%NAME%`.
///
/// A name between percent signs begins with a letter, since `%40` may be the `@` of an escaped URL.
fn placeholder(text: &str) -> Option<usize> {
    let is_letter = |c: char| c.is_ascii_alphabetic();
    if text.starts_with('%') && !text[1..].starts_with(is_letter) {
        return None;
    }
    let braces = [
        ("%", "%"),
        ("${", "}"),
        ("{{", "}}"),
        ("{", "}"),
        ("$(", ")"),
        ("(", ")"),
        ("<", ">"),
    ];
    let (open, close) = braces
        .into_iter()
        .find(|(open, _)| text.starts_with(open))?;
    let inner = &text[open.len()..];
    let end = inner.find(close)?;
    let is_word =
        |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-' | b' ' | b'$');
    let is_name = end > 0 && inner.as_bytes()[..end].iter().all(|&b| is_word(b));
    is_name.then_some(open.len() + end + close.len())
}

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
