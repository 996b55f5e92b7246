//! Requests for hosts without TLS, as a proxy takes them: the connection leads to the proxy, and the
//! request line names the whole URL (RFC 9112, 3.2.2). ureq alone asks every proxy for a tunnel, which
//! many give to hosts with TLS alone.

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, NextTimeout, TcpConnector, Transport,
};
use ureq::{Agent, Error, Proxy};

/// An agent that asks a proxy for every place.
pub(super) fn agent(config: Config, proxy: &Proxy) -> Agent {
    let resolver = OfProxy {
        proxy: proxy.uri().clone(),
        inner: DefaultResolver::default(),
    };
    Agent::with_parts(config, TcpConnector::default().chain(Forwarding), resolver)
}

/// Gives the addresses of the proxy, whoever is asked for.
#[derive(Debug)]
struct OfProxy {
    proxy: Uri,
    inner: DefaultResolver,
}

impl Resolver for OfProxy {
    fn resolve(
        &self,
        _: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        self.inner.resolve(&self.proxy, config, timeout)
    }
}

#[derive(Debug)]
struct Forwarding;

impl<In: Transport> Connector<In> for Forwarding {
    type Out = Forwarded<In>;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, Error> {
        let host = details.uri.authority().map_or("", |host| host.as_str());
        Ok(chained.map(|inner| Forwarded {
            inner,
            origin: format!("http://{host}"),
            begins: true,
        }))
    }
}

/// A connection to a proxy, for requests to one host.
#[derive(Debug)]
struct Forwarded<T> {
    inner: T,
    /// `http://registry.local:5000`.
    origin: String,
    /// Whether a request begins with what is sent next.
    begins: bool,
}

impl<T: Transport> Transport for Forwarded<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        if !self.begins {
            return self.inner.transmit_output(amount, timeout);
        }
        self.begins = false;
        let output = self.inner.buffers().output();
        let path = output[..amount].iter().position(|byte| *byte == b' ');
        let path = path.ok_or(Error::ConnectionFailed)? + 1;
        let length = self.origin.len();
        if output.len() < amount + length {
            return Err(Error::ConnectionFailed);
        }
        output.copy_within(path..amount, path + length);
        output[path..path + length].copy_from_slice(self.origin.as_bytes());
        self.inner.transmit_output(amount + length, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.begins = true;
        self.inner.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        self.inner.is_open()
    }
}
