//! A certificate authority of a test's own.

use std::path::PathBuf;

use crate::server_dir::ServerDir;

/// What a key is.
const KEY: [&str; 5] = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

/// An authority that issues certificates for `localhost`, by OpenSSL. Its files are deleted when it is dropped.
pub struct Authority(ServerDir);

impl Authority {
    /// Makes an authority.
    ///
    /// # Panics
    /// If OpenSSL is not installed.
    #[expect(clippy::new_without_default, reason = "it is no empty value")]
    pub fn new() -> Authority {
        let home = ServerDir::new();
        let own = ["-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=authority"];
        home.run(home.command("openssl").args(["req", "-x509"]).args(KEY).args(own));
        Authority(home)
    }

    /// The file of the certificate to trust.
    pub fn certificate(&self) -> PathBuf {
        self.0.path().join("ca.crt")
    }

    /// The file of the certificate, and that of its key.
    pub(crate) fn files(&self) -> [PathBuf; 2] {
        [self.certificate(), self.0.path().join("ca.key")]
    }
}

/// Issues `server.crt` with `server.key` for the server of a directory.
pub(crate) fn issue([certificate, key]: &[PathBuf; 2], home: &ServerDir) {
    let issued = [
        ["-keyout", "data/server.key"],
        ["-out", "data/server.crt"],
        ["-subj", "/CN=localhost"],
        ["-addext", "subjectAltName=DNS:localhost"],
        // Rustls takes no authority for a server.
        ["-addext", "basicConstraints=critical,CA:FALSE"],
    ];
    let mut command = home.command("openssl");
    command.args(["req", "-x509", "-CA"]).arg(certificate).arg("-CAkey").arg(key);
    home.run(command.args(KEY).args(issued.as_flattened()));
}
