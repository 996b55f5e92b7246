//! Which way a request takes: straight to its host, or by the proxy that the variables of the
//! environment name for it, read as the programs that copy images read them.

use core::net::IpAddr;

use ureq::http::Uri;
use ureq::{Proxy, ProxyProtocol};

use crate::mirror::why::Trouble;

/// The proxies of the environment.
pub struct Proxies {
    /// For hosts with TLS.
    https: NamedProxy,
    /// For hosts without TLS.
    http: NamedProxy,
    except: Vec<NoProxyEntry>,
}

/// What a variable names.
enum NamedProxy {
    Nothing,
    Proxy(Proxy),
    /// No proxy that is spoken to, such as one by SOCKS.
    Unknown,
}

impl Proxies {
    /// The proxies that variables name; `variable` gives the value of one.
    pub fn new(variable: &dyn Fn(&str) -> Option<String>) -> Self {
        let first = |names: &[&str]| {
            let both = names
                .iter()
                .flat_map(|name| [(*name).to_owned(), name.to_ascii_lowercase()]);
            let mut values = both.filter_map(|name| variable(&name));
            values.find(|value| !value.trim().is_empty())
        };
        let named = |names: &[&str]| match first(names) {
            None => NamedProxy::Nothing,
            Some(value) => match Proxy::new(value.trim()) {
                Ok(proxy) if is_http(&proxy) => NamedProxy::Proxy(proxy),
                _ => NamedProxy::Unknown,
            },
        };
        let except = first(&["NO_PROXY"]).unwrap_or_default();
        let except = except.split(|c: char| c == ',' || c.is_whitespace());
        Proxies {
            https: named(&["HTTPS_PROXY", "ALL_PROXY"]),
            http: named(&["HTTP_PROXY", "ALL_PROXY"]),
            except: except.filter_map(NoProxyEntry::parse).collect(),
        }
    }

    /// The proxy for hosts with TLS, or for those without.
    pub(super) fn of(&self, is_tls: bool) -> Option<&Proxy> {
        match self.named(is_tls) {
            NamedProxy::Proxy(proxy) => Some(proxy),
            NamedProxy::Nothing | NamedProxy::Unknown => None,
        }
    }

    fn named(&self, is_tls: bool) -> &NamedProxy {
        if is_tls { &self.https } else { &self.http }
    }

    /// The proxy that leads to a place; `None` where the way is straight.
    pub(super) fn to(&self, place: &Uri) -> Result<Option<&Proxy>, Trouble> {
        let is_tls = place.scheme_str() == Some("https");
        let host = place.host().unwrap_or_default();
        let port = place.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
        // What runs here is not asked for elsewhere, whatever the variables say, as Go's programs have it.
        if is_loopback(host) || self.except.iter().any(|it| it.fits(host, port)) {
            return Ok(None);
        }
        match self.named(is_tls) {
            NamedProxy::Nothing => Ok(None),
            NamedProxy::Proxy(proxy) => Ok(Some(proxy)),
            NamedProxy::Unknown => Err(Trouble::UnknownProxy),
        }
    }
}

/// Whether a host is this machine, by its one name or by its addresses.
fn is_loopback(host: &str) -> bool {
    let address: Option<IpAddr> = bare(host).parse().ok();
    let is_here = |address: IpAddr| address.to_canonical().is_loopback();
    host.eq_ignore_ascii_case("localhost") || address.is_some_and(is_here)
}

fn is_http(proxy: &Proxy) -> bool {
    matches!(proxy.protocol(), ProxyProtocol::Http | ProxyProtocol::Https)
}

/// An entry of `NO_PROXY`.
struct NoProxyEntry {
    whose: Whose,
    port: Option<u16>,
}

enum Whose {
    Everybody,
    /// The addresses whose first bits are these.
    Network(IpAddr, u32),
    /// A domain with its subdomains, or these alone.
    Domain(String, bool),
}

impl NoProxyEntry {
    fn parse(text: &str) -> Option<Self> {
        let of = |whose, port| Some(NoProxyEntry { whose, port });
        if text == "*" {
            return of(Whose::Everybody, None);
        }
        if let Some((address, length)) = text.split_once('/') {
            let address: IpAddr = address.parse().ok()?;
            return of(Whose::Network(address, length.parse().ok()?), None);
        }
        let (host, port) = match text.rsplit_once(':') {
            // An IPv6 address is in brackets where a port follows.
            Some((host, port)) if !host.contains(':') || host.ends_with(']') => {
                (host, Some(port.parse().ok()?))
            }
            _ => (text, None),
        };
        if let Ok(address) = bare(host).parse() {
            return of(Whose::Network(address, u32::MAX), port);
        }
        let host = host.strip_prefix('*').unwrap_or(host);
        let domain = host.strip_prefix('.');
        let name = domain.unwrap_or(host).trim_end_matches('.');
        if name.is_empty() {
            return None;
        }
        let domain = Whose::Domain(name.to_ascii_lowercase(), domain.is_some());
        of(domain, port)
    }

    fn fits(&self, host: &str, port: u16) -> bool {
        let is_his = match &self.whose {
            Whose::Everybody => true,
            Whose::Network(network, length) => {
                let address = bare(host).parse();
                address.is_ok_and(|address| is_within(address, *network, *length))
            }
            Whose::Domain(name, only_below) => {
                let host = host.trim_end_matches('.').to_ascii_lowercase();
                let below = host.strip_suffix(name.as_str());
                match below {
                    Some("") => !only_below,
                    Some(below) => below.ends_with('.'),
                    None => false,
                }
            }
        };
        is_his && self.port.is_none_or(|own| own == port)
    }
}

/// An address of version 6 without its brackets.
fn bare(host: &str) -> &str {
    let inner = host.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
    inner.unwrap_or(host)
}

fn is_within(address: IpAddr, network: IpAddr, length: u32) -> bool {
    let same = |one: u128, other: u128, bits: u32| {
        let length = length.min(bits);
        length == 0 || (one ^ other) >> (bits - length) == 0
    };
    match (address, network) {
        (IpAddr::V4(one), IpAddr::V4(other)) => {
            same(one.to_bits().into(), other.to_bits().into(), 32)
        }
        (IpAddr::V6(one), IpAddr::V6(other)) => same(one.to_bits(), other.to_bits(), 128),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(variables: &[(&str, &str)], place: &str) -> String {
        let variable = |name: &str| {
            let mut all = variables.iter();
            let found = all.find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        match Proxies::new(&variable).to(&place.parse().expect("a URL")) {
            Ok(None) => "straight".to_owned(),
            Ok(Some(proxy)) => proxy.host().to_owned(),
            Err(trouble) => format!("{trouble:?}"),
        }
    }

    #[test]
    fn each_scheme_has_its_variable() {
        let (tls, plain) = ("https://a.example.com", "http://a.example.com");
        for (variables, with_tls, without) in [
            (&[][..], "straight", "straight"),
            (&[("HTTPS_PROXY", "http://p:1")], "p", "straight"),
            (&[("https_proxy", "http://p:1")], "p", "straight"),
            (&[("HTTP_PROXY", "http://p:1")], "straight", "p"),
            (&[("ALL_PROXY", "p:1")], "p", "p"),
            (
                &[("ALL_PROXY", "http://p"), ("http_proxy", "http://q")],
                "p",
                "q",
            ),
            (
                &[("HTTP_PROXY", " "), ("http_proxy", "https://user:x@q")],
                "straight",
                "q",
            ),
            (
                &[("ALL_PROXY", "socks5://p")],
                "UnknownProxy",
                "UnknownProxy",
            ),
            (&[("HTTPS_PROXY", "ftp://p")], "UnknownProxy", "straight"),
            (
                &[("ALL_PROXY", "socks5://p"), ("NO_PROXY", "example.com")],
                "straight",
                "straight",
            ),
        ] {
            assert_eq!(way(variables, tls), with_tls, "{variables:?}");
            assert_eq!(way(variables, plain), without, "{variables:?}");
        }
    }

    #[test]
    fn exceptions_are_hosts_domains_and_networks() {
        for (except, place, is_straight) in [
            ("example.com", "https://example.com", true),
            ("example.com", "https://A.Example.com:5000", true),
            ("Example.com.", "https://a.example.com", true),
            ("example.com", "https://anexample.com", false),
            ("example.com", "https://example.com.org", false),
            (".example.com", "https://a.example.com", true),
            (".example.com", "https://example.com", false),
            ("*.example.com", "https://a.b.example.com", true),
            ("a.b, example.com", "https://example.com", true),
            ("a.b  example.com,", "https://example.com", true),
            ("example.com:5000", "https://example.com:5000", true),
            ("example.com:5000", "https://example.com", false),
            ("example.com:443", "https://example.com", true),
            ("example.com:80", "http://example.com", true),
            ("10.0.0.0/8", "http://10.1.2.3:5000", true),
            ("10.0.0.0/8", "https://11.1.2.3", false),
            ("10.0.0.0/8", "https://10.example.com", false),
            ("0.0.0.0/0", "https://11.1.2.3", true),
            ("fd00::/8", "https://[fd12::1]:5000", true),
            ("fd00::/8", "https://[fe80::1]", false),
            ("fd00::1", "https://[fd00::1]:5000", true),
            ("[fd00::1]:5000", "https://[fd00::1]:5000", true),
            ("[fd00::1]:5000", "https://[fd00::1]:5001", false),
            ("10.0.0.1", "https://10.0.0.1:5000", true),
            ("10.0.0.1:5000", "https://10.0.0.1:5001", false),
            ("", "http://localhost:5000", true),
            ("", "https://LOCALHOST", true),
            ("", "http://127.0.0.1:5000", true),
            ("", "http://127.255.0.1", true),
            ("", "https://[::1]:5000", true),
            ("", "https://[::ffff:127.0.0.1]:5000", true),
            ("", "https://a.localhost", false),
            ("", "https://128.0.0.1", false),
            ("*", "https://example.com", true),
            ("", "https://example.com", false),
            (".", "https://example.com", false),
            ("10.0.0.0/x", "https://10.0.0.1", false),
        ] {
            let variables = [("ALL_PROXY", "http://p:1"), ("NO_PROXY", except)];
            let is_so = way(&variables, place) == "straight";
            assert_eq!(is_so, is_straight, "{except}: {place}");
        }
    }
}
