//! The addresses that may be called.

use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect;
use url::{Host, Url};

use super::UpstreamError;

/// How long connecting may take, within the limit of the call.
const CONNECT: Duration = Duration::from_secs(5);

/// Which addresses may be called: none of this machine or of private networks, unless the operator says so. Names
/// are checked after they are resolved, for each connection, so a name cannot lead elsewhere later.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    private: bool,
    exempt: Arc<HashSet<SocketAddr>>,
}

impl Policy {
    /// A policy; `private` permits all addresses, and `exempt` these in any case.
    #[must_use]
    pub fn new(private: bool, exempt: impl IntoIterator<Item = SocketAddr>) -> Self {
        Policy { private, exempt: Arc::new(exempt.into_iter().collect()) }
    }

    /// Checks what the URL says itself: scheme, credentials, an address in place of a name.
    ///
    /// # Errors
    ///
    /// [`UpstreamError::Forbidden`].
    pub fn check(&self, url: &str) -> Result<Url, UpstreamError> {
        let forbidden = |reason: &str| UpstreamError::Forbidden(reason.to_owned());
        let url = Url::parse(url).map_err(|error| forbidden(&error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(forbidden("neither http nor https"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(forbidden("credentials in the URL"));
        }
        let ip = match url.host() {
            Some(Host::Ipv4(ip)) => IpAddr::V4(ip),
            Some(Host::Ipv6(ip)) => IpAddr::V6(ip),
            Some(Host::Domain(_)) => return Ok(url),
            None => return Err(forbidden("no host")),
        };
        let port = url.port_or_known_default().unwrap_or_default();
        if self.permits(ip) || self.exempt.contains(&SocketAddr::new(ip, port)) {
            Ok(url)
        } else {
            Err(forbidden("an address of this machine or of a private network"))
        }
    }

    fn permits(&self, ip: IpAddr) -> bool {
        self.private || is_public(ip)
    }

    /// A client that connects to permitted addresses only, and follows no redirect.
    pub(super) fn client(&self, limit: Duration) -> Result<reqwest::Client, reqwest::Error> {
        reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            .connect_timeout(CONNECT.min(limit))
            .dns_resolver(Arc::new(self.clone()))
            .no_proxy()
            .build()
    }
}

/// Resolves a name and drops the addresses that are not permitted.
impl Resolve for Policy {
    fn resolve(&self, name: Name) -> Resolving {
        let policy = self.clone();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let permitted: Vec<_> = found.filter(|address| policy.permits(address.ip())).collect();
            if permitted.is_empty() {
                return Err("the name leads to no permitted address".into());
            }
            Ok(Box::new(permitted.into_iter()) as Addrs)
        })
    }
}

fn is_public(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, ..] = ip.octets();
    let shared = a == 100 && (64..128).contains(&b);
    let reserved = a == 0
        || a >= 240
        || (a == 198 && (18..20).contains(&b))
        || ip.octets()[..3] == [192, 0, 0];
    !(ip.is_loopback()
        || ip.is_private()
        || ip.is_link_local()
        || ip.is_multicast()
        || ip.is_documentation()
        || shared
        || reserved)
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [first, second, ..] = ip.segments();
    // 64:ff9b::/96 and 2002::/16 carry an IPv4 address in them.
    let carries_v4 = (first == 0x64 && second == 0xff9b) || first == 0x2002;
    // 2000::/3 is what is routed.
    first & 0xe000 == 0x2000 && !carries_v4 && (first, second) != (0x2001, 0xdb8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_this_machine_and_of_private_networks_are_refused() {
        let urls = [
            "http://127.0.0.1/",
            "http://127.1/",
            "http://0.0.0.0/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://10.1.2.3/",
            "http://172.16.0.1/",
            "http://192.168.0.1/",
            "http://169.254.169.254/latest/meta-data",
            "http://100.64.0.1/",
            "http://224.0.0.1/",
            "http://[::1]/",
            "http://[::]/",
            "http://[::ffff:127.0.0.1]/",
            "http://[fe80::1]/",
            "http://[fd00::1]/",
            "http://[64:ff9b::7f00:1]/",
            "ftp://example.org/",
            "file:///etc/passwd",
            "http://user:secret@example.org/",
            "nonsense",
        ];
        for url in urls {
            assert!(Policy::default().check(url).is_err(), "{url}");
        }
    }

    #[test]
    fn others_are_permitted() {
        for url in
            ["https://example.org/mcp", "http://93.184.215.14:8080/", "http://[2606:2800::1]/"]
        {
            Policy::default().check(url).unwrap();
        }
    }

    #[test]
    fn the_operator_permits_all_or_one() {
        Policy::new(true, []).check("http://127.0.0.1:9/").unwrap();
        let one = Policy::new(false, ["127.0.0.1:9".parse().unwrap()]);
        one.check("http://127.0.0.1:9/mcp").unwrap();
        assert!(one.check("http://127.0.0.1:10/mcp").is_err());
    }

    #[tokio::test]
    async fn a_name_that_leads_to_this_machine_is_not_connected_to() {
        let client = Policy::default().client(Duration::from_secs(5)).unwrap();
        let error = client.get("http://localhost:1/").send().await.unwrap_err();
        assert!(format!("{error:?}").contains("no permitted address"), "{error:?}");
    }
}
