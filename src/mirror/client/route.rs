//! How a place is reached, straight or by a proxy, and what it means where it is not.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ureq::http::Uri;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Error, Proxy, ProxyProtocol, RequestBuilder};

use super::AT_ONCE;
use super::forward;
use super::proxies::Proxies;
use crate::mirror::why::Trouble;

/// The ways to places.
pub(super) struct Routes {
    straight: Agent,
    /// What speaks by the proxy to hosts with TLS.
    tls: Option<Agent>,
    /// What speaks by the proxy to hosts without TLS.
    plain: Option<Agent>,
    proxies: Proxies,
}

impl Routes {
    /// The ways by these proxies, on which these authorities are trusted.
    pub(super) fn new(proxies: Proxies, authorities: &[Vec<u8>]) -> Self {
        let authorities = authorities.iter();
        let authorities: Vec<Certificate<'static>> = authorities
            .map(|der| Certificate::from_der(der).to_owned())
            .collect();
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::Specific(Arc::new(authorities)))
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .build();
        let config = |proxy: Option<&Proxy>| {
            Agent::config_builder()
                .tls_config(tls.clone())
                .proxy(proxy.cloned())
                .http_status_as_error(false)
                .max_redirects(0)
                .max_redirects_will_error(false)
                .max_idle_connections_per_host(AT_ONCE)
                .user_agent(concat!("restore-images/", env!("CARGO_PKG_VERSION")))
                .build()
        };
        let tunnel = |proxy: &Proxy| config(Some(proxy)).new_agent();
        let plain = |proxy: &Proxy| {
            if is_forwarding(proxy) {
                forward::agent(config(None), proxy)
            } else {
                tunnel(proxy)
            }
        };
        Routes {
            straight: config(None).new_agent(),
            tls: proxies.of(true).map(tunnel),
            plain: proxies.of(false).map(plain),
            proxies,
        }
    }

    /// How a place is reached.
    pub(super) fn to(&self, place: &Uri) -> Result<Route<'_>, Trouble> {
        let proxy = self.proxies.to(place)?;
        let is_tls = place.scheme_str() == Some("https");
        let agent = proxy.map(|_| if is_tls { &self.tls } else { &self.plain });
        Ok(Route {
            agent: agent.and_then(Option::as_ref).unwrap_or(&self.straight),
            proxy,
            is_forwarded: !is_tls && proxy.is_some_and(is_forwarding),
        })
    }
}

/// How a place is reached: by whom, and by which proxy.
pub(super) struct Route<'r> {
    pub(super) agent: &'r Agent,
    proxy: Option<&'r Proxy>,
    /// Whether the proxy asks in its own name, rather than giving a tunnel.
    is_forwarded: bool,
}

impl Route<'_> {
    /// Gives a request what proves to a proxy who asks.
    pub(super) fn proven<B>(&self, request: RequestBuilder<B>) -> RequestBuilder<B> {
        // A tunnel is asked for with it by ureq.
        let forwarder = self.proxy.filter(|_| self.is_forwarded);
        match forwarder.and_then(proof) {
            Some(proof) => request.header("Proxy-Authorization", proof),
            None => request,
        }
    }

    /// What an error means on this way; `is_over` says whether no time is left.
    pub(super) fn trouble(&self, error: &Error, is_over: bool) -> Trouble {
        let trouble = trouble(error, is_over);
        let Some(proxy) = self.proxy.map(name) else {
            return trouble;
        };
        match trouble {
            _ if matches!(error, Error::ConnectProxyFailed(_)) => Trouble::Proxy(proxy),
            // Nobody but the proxy is looked up and connected to.
            Trouble::NoHost | Trouble::Unreached => Trouble::DeadProxy(proxy),
            Trouble::Broken | Trouble::Timeout | Trouble::Tls | Trouble::Protocol => {
                Trouble::ByProxy(proxy, Box::new(trouble))
            }
            trouble => trouble,
        }
    }

    /// The proxy that asks in its own name, and so may answer in the host's.
    pub(super) fn forwarder(&self) -> Option<String> {
        self.proxy.filter(|_| self.is_forwarded).map(name)
    }

    /// What the proxy says of itself, rather than the host.
    pub(super) fn refusal(&self, status: u16) -> Option<Trouble> {
        let proxy = self.proxy.filter(|_| status == 407)?;
        Some(Trouble::Proxy(name(proxy)))
    }
}

fn trouble(error: &Error, is_over: bool) -> Trouble {
    match error {
        Error::Timeout(_) if is_over => Trouble::OutOfTime,
        Error::Timeout(_) => Trouble::Timeout,
        Error::HostNotFound => Trouble::NoHost,
        Error::Tls(_) | Error::Rustls(_) | Error::Pem(_) => Trouble::Tls,
        Error::BodyExceedsLimit(_) | Error::LargeResponseHeader(..) => Trouble::TooLarge,
        Error::Io(error) => of_connection(error),
        Error::ConnectionFailed => Trouble::Unreached,
        _ => Trouble::Protocol,
    }
}

fn of_connection(error: &std::io::Error) -> Trouble {
    use std::io::ErrorKind;
    match error.kind() {
        _ if error.get_ref().is_some_and(|it| it.is::<rustls::Error>()) => Trouble::Tls,
        ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::BrokenPipe
        | ErrorKind::UnexpectedEof => Trouble::Broken,
        // The system says what became of a connection by a number, and of a name by words.
        _ if error.raw_os_error().is_none() => Trouble::NoHost,
        _ => Trouble::Unreached,
    }
}

/// A proxy as it is printed: without whom it lets in.
fn name(proxy: &Proxy) -> String {
    let scheme = proxy.uri().scheme_str().unwrap_or("http");
    format!("{scheme}://{}:{}", proxy.host(), proxy.port())
}

/// Whether a proxy is asked for places without TLS, rather than for tunnels to them.
fn is_forwarding(proxy: &Proxy) -> bool {
    proxy.protocol() == ProxyProtocol::Http
}

/// What proves to a proxy who asks.
fn proof(proxy: &Proxy) -> Option<String> {
    let (user, password) = (proxy.username(), proxy.password());
    user.or(password)?;
    let (user, password) = (user.unwrap_or_default(), password.unwrap_or_default());
    let encoded = STANDARD.encode(format!("{user}:{password}"));
    Some(format!("Basic {encoded}"))
}
