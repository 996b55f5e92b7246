//! URLs of registries, as containerd asks them, as prefixes of images' names.

/// A registry that is asked in the place of another.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Endpoint {
    /// Host and path: what images' names begin with there.
    pub(super) prefix: String,
    /// Whether it is spoken to without TLS.
    pub(super) is_plain_http: bool,
}

/// The endpoint of a URL; `is_path_kept` says whether the path is asked as it is written, rather than
/// with `/v2` appended.
///
/// # Errors
/// No image's name can refer to it; the error says why.
pub(super) fn endpoint(url: &str, is_path_kept: bool) -> Result<Endpoint, String> {
    let (scheme, rest) = match url.split_once("://") {
        Some((scheme, rest)) => (Some(scheme), rest),
        None => (None, url),
    };
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    if host.contains('@') {
        return Err("it holds a user".to_owned());
    }
    let is_plain_http = match scheme {
        Some("http") => true,
        Some("https") => false,
        // containerd's own rule.
        None => {
            let name = host.rsplit_once(':').filter(|(_, port)| *port != "443");
            name.is_some_and(|(name, _)| matches!(name, "localhost" | "127.0.0.1" | "[::1]"))
        }
        Some(_) => return Err("its scheme is neither http nor https".to_owned()),
    };
    let host = match host {
        "registry-1.docker.io" | "index.docker.io" => "docker.io",
        host => host,
    };
    let path = path.trim_end_matches('/');
    let below = match path.split_once('/') {
        Some(("v2", below)) if is_path_kept => below,
        _ if path.is_empty() || path == "v2" => "",
        _ => {
            return Err(
                "its path is not the one that a registry gives to the image's name".to_owned(),
            );
        }
    };
    let slash = if below.is_empty() { "" } else { "/" };
    Ok(Endpoint {
        prefix: format!("{host}{slash}{below}"),
        is_plain_http,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_become_prefixes_where_an_image_could_be_named_so() {
        let endpoint =
            |url, is_path_kept| endpoint(url, is_path_kept).map(|it| (it.prefix, it.is_plain_http));
        let is = |prefix: &str, is_plain| Ok((prefix.to_owned(), is_plain));
        for (url, is_path_kept, expected) in [
            ("https://m.example.com", false, is("m.example.com", false)),
            ("https://m.example.com/", false, is("m.example.com", false)),
            ("m.example.com:5000", false, is("m.example.com:5000", false)),
            ("http://10.0.0.1:5000/v2", false, is("10.0.0.1:5000", true)),
            ("localhost:5000", false, is("localhost:5000", true)),
            ("localhost", false, is("localhost", false)),
            (
                "https://m.example.com/v2/hub/a",
                true,
                is("m.example.com/hub/a", false),
            ),
            (
                "https://registry-1.docker.io",
                false,
                is("docker.io", false),
            ),
        ] {
            assert_eq!(endpoint(url, is_path_kept), expected, "{url}");
        }
        for (url, is_path_kept) in [
            ("https://m.example.com/v2/hub", false),
            ("https://m.example.com/hub", false),
            ("https://m.example.com/hub/v2", true),
            ("ftp://m.example.com", false),
            ("https://me:secret@m.example.com", false),
        ] {
            let why = endpoint(url, is_path_kept).expect_err(url);
            assert!(!why.contains("secret"), "{why}");
        }
    }
}
