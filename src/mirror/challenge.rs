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

/// The first challenge of a header that is understood.
pub(super) fn parse(header: &str) -> Option<Challenge> {
    let (scheme, rest) = header.trim().split_once(' ').unwrap_or((header.trim(), ""));
    if scheme.eq_ignore_ascii_case("basic") {
        return Some(Challenge::Basic);
    }
    if !scheme.eq_ignore_ascii_case("bearer") {
        return None;
    }
    let (mut realm, mut service) = (None, None);
    for (name, value) in parameters(rest) {
        if name.eq_ignore_ascii_case("realm") {
            realm = Some(value);
        } else if name.eq_ignore_ascii_case("service") {
            service = Some(value);
        }
    }
    Some(Challenge::Bearer {
        realm: realm?,
        service,
    })
}

/// The pairs `name="value"` or `name=value`; a comma within quotes belongs to the value.
fn parameters(mut text: &str) -> Vec<(&str, String)> {
    let mut pairs = Vec::new();
    loop {
        text = text.trim_start_matches([' ', ',', '\t']);
        let Some((name, rest)) = text.split_once('=') else {
            return pairs;
        };
        let mut value = String::new();
        if let Some(quoted) = rest.strip_prefix('"') {
            let mut chars = quoted.char_indices();
            let mut end = quoted.len();
            while let Some((at, c)) = chars.next() {
                match c {
                    '"' => {
                        end = at + 1;
                        break;
                    }
                    '\\' => value.extend(chars.next().map(|(_, c)| c)),
                    _ => value.push(c),
                }
            }
            text = &quoted[end..];
        } else {
            let end = rest.find([',', ' ']).unwrap_or(rest.len());
            value.push_str(&rest[..end]);
            text = &rest[end..];
        }
        pairs.push((name.trim(), value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_are_read_as_registries_write_them() {
        let bearer = |realm: &str, service: Option<&str>| {
            Some(Challenge::Bearer {
                realm: realm.to_owned(),
                service: service.map(str::to_owned),
            })
        };
        for (header, challenge) in [
            (
                r#"Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push""#,
                bearer("https://auth.docker.io/token", Some("registry.docker.io")),
            ),
            (
                r#"bearer service=x, realm="https://a/t?b=\"c\"""#,
                bearer(r#"https://a/t?b="c""#, Some("x")),
            ),
            (r#"Bearer realm="https://a"#, bearer("https://a", None)),
            (r#"Basic realm="Registry""#, Some(Challenge::Basic)),
            ("Basic", Some(Challenge::Basic)),
            ("Bearer", None),
            ("Bearer service=x", None),
            ("Negotiate", None),
            ("", None),
        ] {
            assert_eq!(parse(header), challenge, "{header}");
        }
    }
}
