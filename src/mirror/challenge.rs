//! Authentication challenges of registries: the header `WWW-Authenticate` (RFC 9110, 11.6.1).

/// How a registry lets clients in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Challenge {
    /// User and password with each request.
    Basic,
    /// A token, which the service at `realm` gives.
    Bearer {
        realm: String,
        service: Option<String>,
    },
}

/// The challenges that are understood, each once; a header may hold several.
pub(super) fn parse(headers: &[String]) -> Vec<Challenge> {
    let challenges = headers.iter().flat_map(|header| challenges(header));
    let known = challenges.filter_map(|(scheme, parameters)| {
        if scheme.eq_ignore_ascii_case("basic") {
            return Some(Challenge::Basic);
        }
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        let value = |name: &str| {
            let mut pairs = parameters.iter().rev();
            let pair = pairs.find(|(known, _)| known.eq_ignore_ascii_case(name));
            pair.map(|(_, value)| value.clone())
        };
        Some(Challenge::Bearer {
            realm: value("realm")?,
            service: value("service"),
        })
    });
    known.fold(Vec::new(), |mut known, challenge| {
        if !known.contains(&challenge) {
            known.push(challenge);
        }
        known
    })
}

/// The schemes of a header, each with its pairs `name="value"` or `name=value`; a comma within quotes
/// belongs to the value. A word without a value begins a challenge.
fn challenges(mut text: &str) -> Vec<(&str, Vec<(&str, String)>)> {
    let mut challenges: Vec<(&str, Vec<(&str, String)>)> = Vec::new();
    loop {
        text = text.trim_start_matches([' ', ',', '\t']);
        let end = text.find(['=', ' ', ',', '\t']).unwrap_or(text.len());
        let (name, rest) = text.split_at(end);
        let value = rest.trim_start_matches([' ', '\t']).strip_prefix('=');
        if name.is_empty() && value.is_none() {
            return challenges;
        }
        let Some(value) = value else {
            challenges.push((name, Vec::new()));
            text = rest;
            continue;
        };
        let (value, rest) = value_of(value.trim_start_matches([' ', '\t']));
        if let Some((_, pairs)) = challenges.last_mut() {
            pairs.push((name, value));
        }
        text = rest;
    }
}

/// A value, and what follows it.
fn value_of(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([',', ' ']).unwrap_or(text.len());
        return (text[..end].to_owned(), &text[end..]);
    };
    let mut value = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (value, &quoted[at + 1..]),
            '\\' => value.extend(chars.next().map(|(_, c)| c)),
            _ => value.push(c),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_are_read_as_registries_write_them() {
        let bearer = |realm: &str, service: Option<&str>| Challenge::Bearer {
            realm: realm.to_owned(),
            service: service.map(str::to_owned),
        };
        for (header, known) in [
            (
                r#"Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push""#,
                vec![bearer(
                    "https://auth.docker.io/token",
                    Some("registry.docker.io"),
                )],
            ),
            (
                r#"bearer service=x, realm="https://a/t?b=\"c\"""#,
                vec![bearer(r#"https://a/t?b="c""#, Some("x"))],
            ),
            (
                r#"Bearer realm="https://a"#,
                vec![bearer("https://a", None)],
            ),
            (r#"Basic realm="Registry""#, vec![Challenge::Basic]),
            ("Basic", vec![Challenge::Basic]),
            ("Bearer", vec![]),
            ("Bearer service=x", vec![]),
            ("Negotiate", vec![]),
            ("Negotiate YWJj==, Basic realm=x", vec![Challenge::Basic]),
            (
                r#"Digest realm="a, Bearer b", nonce=c,Bearer realm = "https://a" , service="x", Basic realm=y"#,
                vec![bearer("https://a", Some("x")), Challenge::Basic],
            ),
            (
                "Basic realm=y, Bearer realm=https://a, Basic realm=z",
                vec![Challenge::Basic, bearer("https://a", None)],
            ),
            ("Bearer service=x, Basic realm=x", vec![Challenge::Basic]),
            ("=", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(parse(&[header.to_owned()]), known, "{header}");
        }
        let both = ["Negotiate", "Basic realm=x", "Bearer realm=a"].map(str::to_owned);
        assert_eq!(parse(&both), [Challenge::Basic, bearer("a", None)]);
    }
}
