//! What is read of an answer: its status, and the headers that say what to do next.

use std::time::Duration;

use ureq::http::{HeaderMap, HeaderValue, Uri};

use crate::config::Date;
use crate::mirror::manifest::{is_digest, seconds_of_day};
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
            next: all("link").iter().find_map(|value| next(value)),
            body: Vec::new(),
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
            407 => Trouble::Proxy,
            429 => Trouble::TooManyRequests,
            status if status >= 500 => Trouble::Server(status),
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
        let seconds = moment(value)? - moment(date?)?;
        u64::try_from(seconds).unwrap_or(0)
    };
    Some(Duration::from_secs(seconds))
}

/// The seconds since 1970 of `Wed, 21 Oct 2026 07:28:00 GMT` (RFC 9110, 5.6.7).
fn moment(text: &str) -> Option<i64> {
    const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";
    let (_, rest) = text.split_once(", ")?;
    let mut words = rest.split(' ');
    let (day, month, year) = (words.next()?, words.next()?, words.next()?);
    let month = MONTHS.find(month).filter(|_| month.len() == 3)? / 3 + 1;
    let day = Date::parse(&format!("{year}-{month:02}-{day}"))?;
    Some(day.unix_days() * 86_400 + seconds_of_day(words.next()?)?)
}

/// The target of a header `Link` that says it is the next page.
fn next(value: &str) -> Option<String> {
    let mut rest = value;
    while let Some((_, link)) = rest.split_once('<') {
        let (target, after) = link.split_once('>')?;
        let parameters = after.split_once('<').map_or(after, |(own, _)| own);
        let mut parameters = parameters.split([';', ',']).map(str::trim);
        let is_next = |it: &str| {
            let (name, value) = it.split_once('=').unwrap_or_default();
            let value = value.trim().trim_matches('"');
            let mut relations = value.split_ascii_whitespace();
            name.trim().eq_ignore_ascii_case("rel")
                && relations.any(|one| one.eq_ignore_ascii_case("next"))
        };
        if parameters.any(is_next) {
            return Some(target.to_owned());
        }
        rest = after;
    }
    None
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
        for (value, target) in [
            (r#"</v2/a?n=1>; rel="next""#, Some("/v2/a?n=1")),
            (r#"</v2/a?n=1>; rel="last next""#, Some("/v2/a?n=1")),
            (r#"<a>; rel=prev, <b,c>; x="y"; Rel=Next"#, Some("b,c")),
            (r#"<a>; rel="prev""#, None),
            ("<a", None),
            ("", None),
        ] {
            assert_eq!(next(value).as_deref(), target, "{value}");
        }
    }
}
