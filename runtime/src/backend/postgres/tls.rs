use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};

use sqlx::postgres::{PgConnectOptions, PgSslMode};

use super::servers::uses_socket_file;

/// Warns of a connection in plain text over a network, where `sslmode` does not say that it is meant.
#[derive(Default)]
pub(super) struct TlsWarning {
    warned: AtomicBool,
}

impl TlsWarning {
    pub(super) fn warn_once(&self, options: &PgConnectOptions) {
        let is_meant = !matches!(options.get_ssl_mode(), PgSslMode::Prefer);
        if is_meant || is_local(options) || self.warned.swap(true, Ordering::Relaxed) {
            return;
        }
        // `sqlx` says nothing, and goes on without.
        let reason = if cfg!(any(feature = "tls-rustls", feature = "tls-native-tls")) {
            "the server offers no TLS"
        } else {
            "no TLS is compiled in: turn on the feature `tls-rustls` or `tls-native-tls`"
        };
        let host = options.get_host();
        tracing::warn!(host, sslmode = "prefer", reason, "the connection is not encrypted");
    }
}

/// Returns `true` if the way to the server does not leave the machine, as far as its name tells.
fn is_local(options: &PgConnectOptions) -> bool {
    let host = options.get_host();
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    uses_socket_file(options)
        || host == "localhost"
        || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_this_machine_are_known() {
        for (host, local) in [
            ("localhost", true),
            ("127.0.0.2", true),
            ("[::1]", true),
            ("%2Frun%2Fpostgresql", true),
            ("db.example.org", false),
            ("10.0.0.1", false),
            ("[fd00::1]", false),
        ] {
            let options: PgConnectOptions = format!("postgres://{host}/db").parse().unwrap();
            assert_eq!(is_local(&options), local, "{host}");
        }
    }
}
