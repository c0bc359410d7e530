//! A real PgBouncer for tests.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use sqlx::{AssertSqlSafe, Column, Connection, PgConnection, Row, ValueRef};

use crate::home::Home;
use crate::kept::{Kept, blocking};
use crate::ports;
use crate::postgres::{PASSWORD, SUPERUSER, Server, USER};
use crate::wait::LIMIT;

/// One row that the console answered with: text by column.
pub type ConsoleRow = BTreeMap<String, String>;

const SETTINGS: [(&str, &str); 3] = [
    ("pool_mode", "transaction"),
    // What clients set at startup and PgBouncer cannot carry over; sqlx sets it always.
    ("ignore_startup_parameters", "extra_float_digits"),
    ("log_stats", "0"),
];

/// A PgBouncer of our own in front of a [`Server`], on a free port of 127.0.0.1. It takes the server's roles
/// without their passwords. Dropping it ends it at once; it also ends with the test process.
pub struct PgBouncer {
    running: Option<Kept>,
    port: u16,
    _home: Home,
}

/// The major and minor version installed: `max_prepared_statements` needs 1.21.
///
/// # Panics
/// Where PgBouncer is not installed.
pub fn version() -> (u32, u32) {
    let printed = Command::new(program()).arg("--version").output().expect("pgbouncer runs");
    let printed = String::from_utf8_lossy(&printed.stdout);
    let number = printed.lines().next().and_then(|line| line.strip_prefix("PgBouncer "));
    let mut parts = number.into_iter().flat_map(|number| number.split('.')).map(str::parse);
    match (parts.next(), parts.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => (major, minor),
        _ => panic!("pgbouncer --version printed {printed}"),
    }
}

impl PgBouncer {
    /// Starts PgBouncer in transaction mode, but for the `settings` of `pgbouncer.ini` given, and waits until
    /// it takes connections.
    ///
    /// # Panics
    /// Where PgBouncer is not installed, does not start, or does not know a setting.
    pub async fn start(server: &Server, settings: &[(&str, &str)]) -> PgBouncer {
        let mut configuration = format!(
            "[databases]\n* = host=127.0.0.1 port={}\n[pgbouncer]\n",
            server.address().port()
        );
        for (name, value) in SETTINGS.iter().chain(settings) {
            writeln!(configuration, "{name} = {value}").expect("a string takes all");
        }
        blocking(move || Self::start_blocking(&configuration)).await
    }

    fn start_blocking(configuration: &str) -> PgBouncer {
        let home = Home::new();
        home.write("roles", &format!("\"{SUPERUSER}\" \"\"\n\"{USER}\" \"{PASSWORD}\"\n"));
        let deadline = Instant::now() + LIMIT;
        loop {
            let port = ports::pick();
            let own = format!(
                "listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n\
                 auth_type = trust\nauth_file = roles\nadmin_users = {SUPERUSER}\n"
            );
            home.write("pgbouncer.ini", &format!("{configuration}{own}"));
            let started = Kept::start(&home, "KILL", program(), ["pgbouncer.ini"]);
            match started.until(|started| started.log().contains("process up")) {
                Ok(running) => {
                    return PgBouncer { running: Some(running), port, _home: home };
                }
                Err(log) => assert!(
                    log.contains("nowhere to listen on") && Instant::now() < deadline,
                    "PgBouncer does not start:\n{log}"
                ),
            }
        }
    }

    /// Where PgBouncer listens.
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// The URL of a database of the server, for the [`SUPERUSER`].
    pub fn url(&self, database: &str) -> String {
        format!("postgres://{SUPERUSER}@{}/{database}", self.address())
    }

    /// Asks the administration console, as in `SHOW POOLS`.
    pub async fn admin(&self, command: &str) -> Vec<ConsoleRow> {
        let mut console = PgConnection::connect(&self.url("pgbouncer")).await.expect("the console");
        // The console speaks the simple protocol only, where all values are text.
        let rows = sqlx::raw_sql(AssertSqlSafe(command.to_owned()))
            .fetch_all(&mut console)
            .await
            .unwrap_or_else(|error| panic!("{command}: {error}"));
        rows.iter()
            .map(|row| {
                let text = |column: usize| {
                    let value = row.try_get_raw(column).expect("a column of this row");
                    if value.is_null() { "" } else { value.as_str().expect("text") }.to_owned()
                };
                row.columns().iter().map(|c| (c.name().to_owned(), text(c.ordinal()))).collect()
            })
            .collect()
    }

    /// Kills PgBouncer as a crash would; the server stays.
    pub async fn kill_9(&mut self) {
        if let Some(running) = self.running.take() {
            blocking(move || running.end("KILL")).await;
        }
    }
}

fn program() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::iter::once(Path::new("/usr/sbin").to_owned())
        .chain(std::env::split_paths(&path))
        .map(|directory| directory.join("pgbouncer"))
        .find(|program| program.is_file())
        .expect(
            "PgBouncer's `pgbouncer`, in /usr/sbin or PATH: \
             install it with `apt-get install pgbouncer` or `brew install pgbouncer`",
        )
}
