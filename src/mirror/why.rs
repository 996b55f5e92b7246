//! Why a registry's answer settles nothing.
//!
//! No text of a registry is repeated: it may answer with the password that it was sent.

use std::fmt;

/// Why there was no answer that settles anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// 401 without credentials.
    NoCredentials,
    /// 401 with credentials.
    WrongCredentials,
    /// Credentials are there and could not be read.
    UnreadableCredentials,
    /// A helper did not give them in time.
    SlowHelper,
    /// 403.
    Forbidden,
    /// 404 where the image has to be.
    NotThere,
    /// 429, after every retry.
    TooManyRequests,
    /// 5xx, after every retry.
    Server(u16),
    /// Any other status.
    Status(u16),
    /// The certificate is none that is trusted, or TLS failed otherwise.
    Tls,
    /// Nothing came in time.
    Timeout,
    /// The whole run took longer than it may.
    OutOfTime,
    /// There is no such host.
    NoHost,
    /// Nobody listens there.
    Unreached,
    /// The connection ended before the answer did.
    Broken,
    /// The proxy of this name is not reached.
    DeadProxy(String),
    /// The proxy of this name does not lead there.
    Proxy(String),
    /// Something happened by the proxy of this name, and it or the registry may be why.
    ByProxy(String, Box<Trouble>),
    /// The environment names a proxy that is none, or one of another protocol than HTTP.
    UnknownProxy,
    /// It leads to another place without end, or to one without TLS.
    Redirect,
    /// The answer is larger than a manifest may be.
    TooLarge,
    /// A list names a next page that is not there.
    NextPage,
    /// A list names next pages without end.
    Endless,
    /// The token service is spoken to without TLS, and the configuration does not list it.
    PlainTokenService,
    /// A token service answers without a token.
    NoToken,
    /// Its lists within lists go on for longer than is followed.
    TooDeep,
    /// The answer is no manifest that is known.
    NoManifest,
    /// The bytes have another digest than the one that they were asked for by.
    WrongDigest,
    /// The answer is not HTTP.
    Protocol,
}

impl Trouble {
    /// Whether a connection broke, by a proxy or not.
    pub(super) fn is_broken(&self) -> bool {
        match self {
            Trouble::ByProxy(_, trouble) => trouble.is_broken(),
            trouble => *trouble == Trouble::Broken,
        }
    }

    /// What to do about it, where that can be said.
    pub fn help(&self) -> Option<&'static str> {
        Some(match self {
            Trouble::NoCredentials => "log in by `docker login` or `podman login`",
            Trouble::WrongCredentials => "log in anew by `docker login` or `podman login`",
            Trouble::UnreadableCredentials | Trouble::SlowHelper => {
                "see whether Docker's config.json (DOCKER_CONFIG, else ~/.docker) and podman's auth.json are JSON, \
                 and whether the credential helper that they name for the host works"
            }
            Trouble::PlainTokenService => {
                "list the token service's host as well, if it may be spoken to so: its registry names it as \
                 `realm`, in the header WWW-Authenticate of its answer to /v2/"
            }
            Trouble::Forbidden => "allow the user that is logged in to pull",
            Trouble::TooManyRequests => "log in, or wait",
            Trouble::Tls => {
                "give the certificate of its authority by --ca-bundle; a host without TLS is listed under \
                 `plainHttpRegistries` in the configuration"
            }
            Trouble::Timeout => "raise --timeout",
            Trouble::OutOfTime => "raise --time-limit",
            Trouble::NoHost | Trouble::Unreached | Trouble::Broken => {
                "see whether the host is reached from here, and set HTTPS_PROXY where a proxy is needed"
            }
            Trouble::DeadProxy(_) => {
                "see whether this proxy runs and is reached from here; HTTPS_PROXY, or HTTP_PROXY for a host \
                 without TLS, names it, and NO_PROXY the hosts that are reached without it"
            }
            Trouble::ByProxy(_, trouble)
                if matches!(**trouble, Trouble::Broken | Trouble::Server(_)) =>
            {
                "see whether the host is reached from there, or name it in NO_PROXY"
            }
            Trouble::ByProxy(_, trouble) => return trouble.help(),
            Trouble::Proxy(_) => {
                "see whether the proxy of HTTPS_PROXY, or of HTTP_PROXY for a host without TLS, lets it through, \
                 or name the host in NO_PROXY"
            }
            Trouble::UnknownProxy => {
                "set HTTPS_PROXY, and HTTP_PROXY for a host without TLS, to `http://HOST:PORT` or \
                 `https://HOST:PORT`; others, such as socks5, are not supported"
            }
            _ => return None,
        })
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Trouble::NoCredentials => {
                "401: it asks for credentials, and none are configured for it"
            }
            Trouble::WrongCredentials => "401: it does not take the credentials",
            Trouble::UnreadableCredentials => "the credentials for it could not be read",
            Trouble::SlowHelper => {
                "timeout: the helper for its credentials did not answer before the time limit"
            }
            Trouble::Forbidden => "403: it does not let the image be read",
            Trouble::NotThere => "404: it does not have the image",
            Trouble::TooManyRequests => "429: it takes no more requests for now",
            Trouble::Server(status) => return write!(f, "{status}: the registry fails"),
            Trouble::Status(status) => {
                return write!(f, "{status}: an answer that is inconclusive");
            }
            Trouble::Tls => "TLS: its certificate is not trusted, or it does not speak TLS",
            Trouble::Timeout => "timeout: it did not answer in time",
            Trouble::OutOfTime => "timeout: the time limit of the run was reached",
            Trouble::NoHost => "no host has this name",
            Trouble::Unreached => "nobody answers there",
            Trouble::Broken => "the connection broke",
            Trouble::DeadProxy(proxy) => {
                return write!(
                    f,
                    "the proxy `{proxy}`, by which it is asked, is not reached"
                );
            }
            Trouble::Proxy(proxy) => return write!(f, "the proxy `{proxy}` does not lead there"),
            Trouble::ByProxy(proxy, trouble) => {
                if let Trouble::Server(_) = **trouble {
                    return write!(f, "{trouble}, or the proxy `{proxy}` before it");
                }
                return write!(f, "{trouble}, by the proxy `{proxy}`");
            }
            Trouble::UnknownProxy => {
                "the proxy that the environment names for it is not an HTTP proxy"
            }
            Trouble::Redirect => "it redirects endlessly, or to a place without TLS",
            Trouble::TooLarge => "its answer is too large for a manifest",
            Trouble::NextPage => "the next page of its list of referrers is not there",
            Trouble::Endless => "its list of referrers never ends",
            Trouble::PlainTokenService => {
                "its token service is spoken to without TLS, and `plainHttpRegistries` does not list that host"
            }
            Trouble::NoToken => "its token service gives no token",
            Trouble::TooDeep => "its lists are nested too deeply",
            Trouble::NoManifest => "its answer is not a manifest of a known kind",
            Trouble::WrongDigest => "the bytes that it gives do not match the digest",
            Trouble::Protocol => "it does not speak HTTP",
        };
        f.write_str(text)
    }
}

/// Which registry the trouble is with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    /// The registry's host, as the image names it.
    pub host: String,
    /// The trouble.
    pub trouble: Trouble,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.host, self.trouble)
    }
}
