//! The way out to receivers of subscriptions, and what keeps it from leading inside.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use accord_auth::Authority;
use accord_base::{Subject, SystemClock, SystemRng};
use accord_engine::Engine;
use accord_jobs::{Hooks, Kept, Outgoing, Parts, Post, Standing};
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, Error};

use crate::fail::Fail;

/// Longest answer that is read, in bytes: what it says does not matter, only that it ends.
const MAX_ANSWER: u64 = 64 << 10;

/// The subscriptions of a store; `allowed` are the hosts that may be sent to though they are inside
/// or take no HTTPS.
pub fn open(
    folder: &Path,
    engine: &Arc<Engine>,
    authority: &Arc<Authority>,
    (base, allowed): (String, &[String]),
) -> Result<Arc<Hooks>, Fail> {
    let hooks = Hooks::open(Parts {
        engine: engine.clone(),
        kept: Kept::open(folder)?,
        post: Box::new(Web::new(allowed)),
        standing: Box::new(Accounts(authority.clone())),
        clock: Arc::new(SystemClock),
        rng: Arc::new(SystemRng::new()),
        base,
    })?;
    Ok(Arc::new(hooks))
}

struct Accounts(Arc<Authority>);

impl Standing for Accounts {
    fn stands(&self, subject: &Subject) -> Option<bool> {
        self.0.stands(subject)
    }
}

/// Sends over HTTPS to public addresses, and to hosts that the operator allows as they are.
struct Web {
    agent: Agent,
    allowed: Allowed,
}

/// Hosts, with a port or for all ports.
#[derive(Clone)]
struct Allowed(Arc<[String]>);

impl Allowed {
    fn has(&self, uri: &Uri) -> bool {
        let Some(authority) = uri.authority() else { return false };
        let (host, whole) = (authority.host(), authority.as_str());
        self.0
            .iter()
            .any(|name| name.eq_ignore_ascii_case(host) || name.eq_ignore_ascii_case(whole))
    }
}

impl Web {
    fn new(allowed: &[String]) -> Web {
        let allowed = Allowed(allowed.into());
        let config = Agent::config_builder()
            // A redirect would lead where nobody looked.
            .max_redirects(0)
            .http_status_as_error(false)
            .proxy(None)
            .build();
        let resolver = Guarded { allowed: allowed.clone(), inner: DefaultResolver::default() };
        let agent = Agent::with_parts(config, DefaultConnector::default(), resolver);
        Web { agent, allowed }
    }
}

impl Post for Web {
    fn post(&self, outgoing: &Outgoing) -> Result<u16, String> {
        self.check(&outgoing.endpoint)?;
        let mut request = self
            .agent
            .post(&outgoing.endpoint)
            .config()
            .timeout_global(Some(Duration::from_secs(outgoing.timeout_s)))
            .build()
            .header("content-type", "application/fhir+json");
        for (name, value) in &outgoing.headers {
            request = request.header(name, value);
        }
        let mut answer = request.send(&outgoing.body).map_err(|error| said(&error))?;
        // Whatever it is: an answer that is cut off was one.
        let _ = answer.body_mut().with_config().limit(MAX_ANSWER).read_to_vec();
        Ok(answer.status().as_u16())
    }

    fn check(&self, endpoint: &str) -> Result<(), String> {
        let uri: Uri = endpoint.parse().map_err(|_| "the endpoint is no address")?;
        let secure = uri.scheme_str() == Some("https");
        let plain = uri.scheme_str() == Some("http") && self.allowed.has(&uri);
        let named = uri.authority().is_some_and(|a| !a.as_str().contains('@'));
        if named && (secure || plain) {
            return Ok(());
        }
        Err("the endpoint is to begin with `https`, or its host to be allowed".to_owned())
    }
}

/// What is told of a failure: kinds, and nothing of what stands inside.
fn said(error: &Error) -> String {
    match error {
        Error::Timeout(_) => "the receiver took too long",
        Error::HostNotFound => "the endpoint's host is not known, or not to be sent to",
        Error::Tls(_) | Error::Rustls(_) => "the endpoint shows no good certificate",
        _ => "the receiver cannot be reached",
    }
    .to_owned()
}

/// Finds addresses, and refuses those that lead inside. The connection goes to what was looked at.
struct Guarded {
    allowed: Allowed,
    inner: DefaultResolver,
}

impl fmt::Debug for Guarded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Guarded")
    }
}

impl Resolver for Guarded {
    fn resolve(
        &self,
        uri: &Uri,
        config: &ureq::config::Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let found = self.inner.resolve(uri, config, timeout)?;
        if self.allowed.has(uri) || found.iter().all(|address| is_public(address.ip())) {
            return Ok(found);
        }
        Err(Error::HostNotFound)
    }
}

/// Whether an address is one of the public network (the special-purpose registries of IANA, RFC
/// 6890).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(mapped) => is_public_v4(mapped),
            None => is_public_v6(address),
        },
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let shared = a == 100 && (64..128).contains(&b);
    let protocols = a == 192 && b == 0 && c == 0;
    let relay = a == 192 && b == 88 && c == 99;
    let benchmarks = a == 198 && (b == 18 || b == 19);
    let special = shared || protocols || relay || benchmarks || a == 0 || a >= 240;
    !(special
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_broadcast()
        || address.is_documentation())
}

/// Global unicast, 2000::/3, but for what stands for other networks or for none in it.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    let tunnels = first == 0x2002 || first == 0x2001 && second < 0x200;
    let documents = first == 0x2001 && second == 0xdb8 || first & 0xfff0 == 0x3ff0;
    first & 0xe000 == 0x2000 && !tunnels && !documents
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_inside_are_not_public() {
        for inside in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "192.0.0.8",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "240.0.0.1",
            "203.0.113.9",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "::ffff:10.0.0.1",
            "::ffff:127.0.0.1",
            "64:ff9b::a00:1",
            "2002:a00:1::1",
            "2001::1",
            "2001:db8::1",
        ] {
            assert!(!is_public(inside.parse().unwrap()), "{inside}");
        }
        for outside in ["9.9.9.9", "172.32.0.1", "100.128.0.1", "2620:fe::fe", "2a00:1450::1"] {
            assert!(is_public(outside.parse().unwrap()), "{outside}");
        }
    }

    #[test]
    fn only_https_or_what_is_allowed_is_sent_to() {
        let web = Web::new(&["lab.local".to_owned(), "10.0.0.7:8443".to_owned()]);
        for good in [
            "https://example.org/x",
            "http://lab.local/x",
            "http://LAB.local:99/",
            "http://10.0.0.7:8443/x",
        ] {
            assert!(web.check(good).is_ok(), "{good}");
        }
        for bad in [
            "http://example.org/x",
            "ftp://lab.local/",
            "lab.local",
            "",
            "file:///etc/passwd",
            "http://10.0.0.7/x",
            "https://me@example.org/",
            "http://lab.local@example.org/",
        ] {
            assert!(web.check(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_leads_inside_is_not_sent() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let outgoing = |endpoint: String| Outgoing {
            endpoint,
            headers: Vec::new(),
            body: "{}".to_owned(),
            timeout_s: 5,
        };
        for host in ["127.0.0.1", "localhost", "[::1]"] {
            let refused = Web::new(&[]).post(&outgoing(format!("https://{host}:{port}/")));
            assert!(refused.unwrap_err().contains("not to be sent to"), "{host}");
        }
        listener.set_nonblocking(true).unwrap();
        assert!(listener.accept().is_err(), "nobody came");
    }
}
