//! One request over HTTP: over TLS, within its time, and with what it proves sent to nobody else.
//!
//! A host is spoken to over TLS unless the configuration lists it, wherever a redirect or a token
//! service leads.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use ureq::http::{Response, Uri};
use ureq::{Body, RequestBuilder};

use super::Settings;
use super::answer::{Answer, led};
use super::route::{Route, Routes};
use crate::mirror::manifest::ACCEPTED;
use crate::mirror::why::Trouble;

/// The most bytes of an answer: registries take manifests of 4 MiB.
const MOST_BYTES: u64 = 8 << 20;
/// How long the first wait is before a request is sent again; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(500);
/// The most redirects that are followed.
const REDIRECTS: usize = 5;

/// What is wanted of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FetchKind {
    /// The head of what is there.
    Head,
    /// All of it.
    Get,
    /// Whether it is there: a place to which it leads is not asked.
    Whether,
}

/// What sends requests, and counts them.
pub(super) struct Http<'c> {
    routes: Routes,
    plain_http: &'c [String],
    timeout: Duration,
    end: Instant,
    retries: u32,
    sent: AtomicUsize,
}

impl<'c> Http<'c> {
    pub(super) fn new(settings: Settings<'c>) -> Self {
        Http {
            routes: Routes::new(settings.proxies, &settings.authorities),
            plain_http: settings.plain_http,
            timeout: settings.timeout,
            end: Instant::now() + settings.time_limit,
            retries: settings.retries,
            sent: AtomicUsize::new(0),
        }
    }

    /// How many requests were sent.
    pub(super) fn sent(&self) -> usize {
        self.sent.load(Ordering::Relaxed)
    }

    /// Sends one request and follows where it is redirected; what proves who asks stays with the host
    /// that it is for.
    pub(super) fn send(
        &self,
        url: &str,
        proof: Option<&str>,
        how: FetchKind,
    ) -> Result<Answer, Trouble> {
        let first: Uri = url.parse().map_err(|_| Trouble::Protocol)?;
        let mut place = first.clone();
        for _ in 0..=REDIRECTS {
            self.check_place(&place)?;
            let route = self.routes.to(&place)?;
            let request = if how == FetchKind::Get {
                route.agent.get(&place)
            } else {
                route.agent.head(&place)
            };
            let mut request = request.header("Accept", ACCEPTED);
            let is_home = (place.scheme(), place.host(), place.port_u16())
                == (first.scheme(), first.host(), first.port_u16());
            if let Some(proof) = proof.filter(|_| is_home) {
                request = request.header("Authorization", proof);
            }
            let response = self.timed(&route, request)?.call();
            let answer = self.answer(&route, response, how == FetchKind::Get)?;
            if !answer.is_redirect() || how == FetchKind::Whether {
                return Ok(answer);
            }
            let to = answer.location.as_deref().ok_or(Trouble::Redirect)?;
            place = led(&place, to).ok_or(Trouble::Redirect)?;
        }
        Err(Trouble::Redirect)
    }

    /// Asks at a place with a query, and follows no redirect.
    pub(super) fn query(
        &self,
        place: &Uri,
        pairs: &[(&str, &str)],
        proof: Option<&str>,
    ) -> Result<Answer, Trouble> {
        self.check_place(place)?;
        let place = with_query(place, pairs).ok_or(Trouble::Protocol)?;
        let route = self.routes.to(&place)?;
        let mut request = route.agent.get(&place);
        if let Some(proof) = proof {
            request = request.header("Authorization", proof);
        }
        let response = self.timed(&route, request)?.call();
        self.answer(&route, response, true)
    }

    /// Sends a form to a place, and follows no redirect.
    pub(super) fn post(&self, place: &Uri, pairs: &[(&str, &str)]) -> Result<Answer, Trouble> {
        self.check_place(place)?;
        let route = self.routes.to(place)?;
        let request = route.agent.post(place);
        let response = self.timed(&route, request)?;
        let response = response.send_form(pairs.iter().copied());
        self.answer(&route, response, true)
    }

    /// Gives a request what proves to a proxy who asks, and the time that it may take, and counts it.
    fn timed<B>(
        &self,
        route: &Route<'_>,
        request: RequestBuilder<B>,
    ) -> Result<RequestBuilder<B>, Trouble> {
        let left = self.left();
        if left.is_zero() {
            return Err(Trouble::OutOfTime);
        }
        let patience = left.min(self.timeout);
        self.sent.fetch_add(1, Ordering::Relaxed);
        let request = route.proven(request).config();
        Ok(request.timeout_global(Some(patience)).build())
    }

    /// What came back; the body is read where `is_whole`.
    fn answer(
        &self,
        route: &Route<'_>,
        response: Result<Response<Body>, ureq::Error>,
        is_whole: bool,
    ) -> Result<Answer, Trouble> {
        let trouble = |error| route.trouble(&error, self.left().is_zero());
        let mut response = response.map_err(trouble)?;
        let mut answer = Answer::of(response.status().as_u16(), response.headers());
        if let Some(refusal) = route.refusal(answer.status) {
            return Err(refusal);
        }
        answer.proxy = route.forwarder();
        if answer.status == 200 && is_whole {
            let body = response.body_mut().with_config().limit(MOST_BYTES);
            answer.body = body.read_to_vec().map_err(trouble)?;
        }
        Ok(answer)
    }

    /// Asks until there is an answer: whoever is too busy is asked again later, unless no time is left
    /// then.
    pub(super) fn patiently(
        &self,
        ask: impl Fn() -> Result<Answer, Trouble>,
    ) -> Result<Answer, Trouble> {
        let mut failures = 0;
        loop {
            let answer = ask();
            let wait = match &answer {
                Ok(answer) if answer.is_busy() => answer.retry_after,
                // A connection that was kept open too long breaks at the next request.
                Err(trouble) if trouble.is_broken() && failures == 0 => Some(Duration::ZERO),
                Err(trouble) if trouble.is_broken() => None,
                _ => return answer,
            };
            let wait = wait.unwrap_or(FIRST_WAIT * 2u32.saturating_pow(failures));
            if failures == self.retries || self.left() <= wait {
                return answer;
            }
            sleep(wait);
            failures += 1;
        }
    }

    /// Where a host's registry is.
    pub(super) fn base(&self, host: &str) -> String {
        let scheme = if self.is_plain(host) { "http" } else { "https" };
        // Docker Hub's registry has another name than its images.
        let host = if host == "docker.io" {
            "registry-1.docker.io"
        } else {
            host
        };
        format!("{scheme}://{host}")
    }

    fn is_plain(&self, host: &str) -> bool {
        self.plain_http.iter().any(|known| known == host)
    }

    /// Refuses a place without TLS that the configuration does not list.
    pub(super) fn check_place(&self, place: &Uri) -> Result<(), Trouble> {
        let host = place.host().ok_or(Trouble::Redirect)?;
        let host = match place.port_u16() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        match place.scheme_str() {
            Some("https") => Ok(()),
            Some("http") if self.is_plain(&host) => Ok(()),
            _ => Err(Trouble::Redirect),
        }
    }

    /// The time that is left for everything.
    pub(super) fn left(&self) -> Duration {
        self.end.saturating_duration_since(Instant::now())
    }
}

/// A place with these pairs in its query.
fn with_query(place: &Uri, pairs: &[(&str, &str)]) -> Option<Uri> {
    let mut text = place.to_string();
    let mut separator = if place.query().is_some() { '&' } else { '?' };
    for (name, value) in pairs {
        text.push(separator);
        text.push_str(name);
        text.push('=');
        for byte in value.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                text.push(char::from(byte));
            } else {
                text.push_str(&format!("%{byte:02X}"));
            }
        }
        separator = '&';
    }
    text.parse().ok()
}
