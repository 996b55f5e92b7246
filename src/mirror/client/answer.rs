//! What is read of an answer: its status, and the headers that say what to do next.

use std::time::Duration;

use ureq::http::{HeaderMap, HeaderValue, Uri};

use crate::mirror::manifest::is_digest;
use crate::mirror::moment::of_http;
use crate::mirror::why::Trouble;

/// An answer, as far as it is used.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) digest: Option<String>,
    /// How it wants to be asked, header by header.
    pub(super) challenges: Vec<String>,
    /// After how long it wants to be asked again.
    pub(super) retry_after: Option<Duration>,
    pub(super) location: Option<String>,
    /// Where the next page of a list is.
    pub(super) next: Option<String>,
    pub(super) body: Vec<u8>,
    /// The proxy that may have answered in the place of the host.
    pub(super) proxy: Option<String>,
}

impl Answer {
    /// An answer without its body.
    pub(super) fn of(status: u16, headers: &HeaderMap) -> Self {
        let all = |name: &str| {
            let values = headers.get_all(name).iter();
            let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
            values.map(text).collect::<Vec<String>>()
        };
        let text = |name: &str| all(name).into_iter().next();
        let date = text("date");
        Answer {
            status,
            digest: text("docker-content-digest").filter(|digest| is_digest(digest)),
            challenges: all("www-authenticate"),
            retry_after: text("retry-after").and_then(|value| wait(&value, date.as_deref())),
            location: text("location"),
            next: next(&all("link")),
            body: Vec::new(),
            proxy: None,
        }
    }

    /// The answer where there is one; `None` for what is not there.
    ///
    /// # Errors
    /// As [`Answer::trouble`].
    pub(super) fn found(self) -> Result<Option<Self>, Trouble> {
        match self.status {
            200 => Ok(Some(self)),
            404 => Ok(None),
            _ => Err(self.trouble()),
        }
    }

    /// What an answer means that is not what was asked for.
    pub(super) fn trouble(&self) -> Trouble {
        match self.status {
            401 => Trouble::NoCredentials,
            403 => Trouble::Forbidden,
            429 => Trouble::TooManyRequests,
            status if status >= 500 => match &self.proxy {
                Some(proxy) => Trouble::ByProxy(proxy.clone(), Box::new(Trouble::Server(status))),
                None => Trouble::Server(status),
            },
            status => Trouble::Status(status),
        }
    }

    /// Whether it leads to another place.
    pub(super) fn is_redirect(&self) -> bool {
        matches!(self.status, 301 | 302 | 303 | 307 | 308)
    }

    /// Whether the same request may be answered otherwise in a moment.
    pub(super) fn is_busy(&self) -> bool {
        // What a server does not know, it does not learn.
        matches!(self.status, 408 | 429 | 500..) && !matches!(self.status, 501 | 505)
    }
}

/// How long a header `Retry-After` lets wait: so many seconds, or until a moment by the clock of whoever
/// says it, which the header `Date` shows.
fn wait(value: &str, date: Option<&str>) -> Option<Duration> {
    let value = value.trim();
    let seconds = if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        value.parse().unwrap_or(u64::MAX)
    } else {
        let seconds = of_http(value)? - of_http(date?)?;
        u64::try_from(seconds).unwrap_or(0)
    };
    Some(Duration::from_secs(seconds))
}

/// The target of the link to the next page among headers `Link` (RFC 8288, 3): the one that says so, else
/// the first that does not say what it is for, which other clients take for it.
fn next(headers: &[String]) -> Option<String> {
    let links = headers.iter().flat_map(|header| parts(header, b','));
    let links: Vec<(&str, Option<&str>)> = links.filter_map(link).collect();
    let is_next = |relations: &str| {
        let mut relations = relations.split_ascii_whitespace();
        relations.any(|one| one.eq_ignore_ascii_case("next"))
    };
    let says_so = links
        .iter()
        .find(|(_, relations)| relations.is_some_and(is_next));
    let says_nothing = || links.iter().find(|(_, relations)| relations.is_none());
    let (target, _) = says_so.or_else(says_nothing)?;
    Some((*target).to_owned())
}

/// The target of a link, and what it says that it is for.
fn link(text: &str) -> Option<(&str, Option<&str>)> {
    let (target, parameters) = text.trim().strip_prefix('<')?.split_once('>')?;
    let relations = parts(parameters, b';').into_iter().find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let is_it = name.trim().eq_ignore_ascii_case("rel");
        is_it.then(|| value.trim().trim_matches('"'))
    });
    Some((target, relations))
}

/// The parts of a text between separators, but for those in quotes and in angle brackets.
fn parts(text: &str, separator: u8) -> Vec<&str> {
    let (mut parts, mut start) = (Vec::new(), 0);
    let (mut is_quoted, mut is_target) = (false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'"' if !is_target => is_quoted = !is_quoted,
            b'<' if !is_quoted => is_target = true,
            b'>' if !is_quoted => is_target = false,
            _ if byte == separator && !is_quoted && !is_target => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

/// Where the next page of a list is that a page at `from` calls `to`: at the same registry, which may call
/// itself by another name than it is asked by, and is told nowhere else who asks.
pub(super) fn next_page(from: &Uri, to: &str) -> Option<Uri> {
    let (scheme, authority) = (from.scheme_str()?, from.authority()?);
    let there = led(from, to)?;
    let path = there.path_and_query()?;
    format!("{scheme}://{authority}{path}").parse().ok()
}

/// Where an address leads from a place (RFC 3986, 5.2).
pub(super) fn led(from: &Uri, to: &str) -> Option<Uri> {
    let (scheme, authority) = (from.scheme_str()?, from.authority()?);
    let (path, query) = match to.split_once('?') {
        Some((path, query)) => (path, format!("?{query}")),
        None => (to, String::new()),
    };
    if path
        .split('/')
        .next()
        .is_some_and(|part| part.contains(':'))
    {
        return to.parse().ok();
    }
    if path.starts_with("//") {
        return format!("{scheme}:{to}").parse().ok();
    }
    let base = match from.path() {
        base if path.is_empty() => base,
        _ if path.starts_with('/') => "",
        base => &base[..=base.rfind('/')?],
    };
    let whole = format!("{base}{path}");
    let mut parts: Vec<&str> = Vec::new();
    for part in whole.split('/').skip(1) {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    let path = parts.join("/");
    format!("{scheme}://{authority}/{path}{query}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_followed_as_browsers_do() {
        let from: Uri = "http://a:5000/v2/b/manifests/c?d=e".parse().expect("a URL");
        for (to, leads) in [
            ("https://b.c/d", Some("https://b.c/d")),
            ("//b.c/d?e", Some("http://b.c/d?e")),
            ("/d", Some("http://a:5000/d")),
            ("d?e=f/g", Some("http://a:5000/v2/b/manifests/d?e=f/g")),
            ("../blobs/./d", Some("http://a:5000/v2/b/blobs/d")),
            ("../../../../d", Some("http://a:5000/d")),
            ("?n=2", Some("http://a:5000/v2/b/manifests/c?n=2")),
            ("http://", None),
        ] {
            let found = led(&from, to).map(|to| to.to_string());
            assert_eq!(found.as_deref(), leads, "{to}");
        }
    }

    #[test]
    fn waits_are_seconds_or_moments() {
        let date = Some("Wed, 21 Oct 2026 07:28:00 GMT");
        for (value, date, seconds) in [
            ("0", None, Some(0)),
            ("3600", date, Some(3600)),
            ("Wed, 21 Oct 2026 07:28:40 GMT", date, Some(40)),
            ("Thu, 22 Oct 2026 07:28:00 GMT", date, Some(86_400)),
            ("Wed, 21 Oct 2026 07:27:00 GMT", date, Some(0)),
            ("Wed, 21 Oct 2026 07:28:40 GMT", None, None),
            ("99999999999999999999999", None, Some(u64::MAX)),
            ("soon", date, None),
            ("", date, None),
            ("-1", date, None),
        ] {
            let wait = wait(value, date);
            assert_eq!(wait, seconds.map(Duration::from_secs), "{value}");
        }
    }

    #[test]
    fn the_next_page_is_found_among_links() {
        for (headers, target) in [
            (&[r#"</v2/a?n=1>; rel="next""#][..], Some("/v2/a?n=1")),
            (&[r#"</v2/a?n=1>; rel="last next""#], Some("/v2/a?n=1")),
            (&[r#"<a>; rel=prev, <b,c>; x="y"; Rel=Next"#], Some("b,c")),
            (&[r#"<a>; title="<b>; rel=next, c"; rel=prev"#], None),
            (&["<a>"], Some("a")),
            (&["<a>, <b>; rel=next"], Some("b")),
            (&["<a>; rel=prev", "<b>; rel=next"], Some("b")),
            (&["<a>; rel=first; rel=next"], None),
            (&[r#"<a>; rel="prev""#], None),
            (&["a; rel=next"], None),
            (&["<a"], None),
            (&[""], None),
            (&[], None),
        ] {
            let headers: Vec<String> = headers.iter().map(|&text| text.to_owned()).collect();
            assert_eq!(next(&headers).as_deref(), target, "{headers:?}");
        }
    }
}
