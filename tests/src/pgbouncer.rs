//! A real PgBouncer for tests.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;
use std::{env, iter};

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Column, Connection, PgConnection, Row, ValueRef};

use crate::child_server::{ChildServer, blocking};
use crate::ports;
use crate::postgres::{PASSWORD, SUPERUSER, Server, USER};
use crate::server_dir::ServerDir;
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
    running: Option<ChildServer>,
    port: u16,
    _home: ServerDir,
}

/// A PgBouncer that is installed.
enum Program {
    /// In one of the system's directories.
    Installed(PathBuf),
    /// In a directory with its own libraries, which `scripts/install` makes.
    Bundled(PathBuf),
}

/// The first to know `max_prepared_statements`.
const RECENT: (u32, u32) = (1, 21);

/// The major and minor version of the one that [`PgBouncer::start`] starts.
///
/// # Panics
/// Where PgBouncer is not installed.
pub fn version() -> (u32, u32) {
    Program::installed().version()
}

/// Returns the version that [`PgBouncer::start_recent`] will start.
///
/// # Panics
/// If there is none.
pub fn recent_version() -> (u32, u32) {
    Program::recent().version()
}

impl Program {
    /// The system's.
    fn installed() -> Program {
        let path = env::var_os("PATH").unwrap_or_default();
        let program = iter::once(Path::new("/usr/sbin").to_owned())
            .chain(env::split_paths(&path))
            .map(|directory| directory.join("pgbouncer"))
            .find(|program| program.is_file());
        Program::Installed(
            program.expect("PgBouncer's `pgbouncer` is missing: run scripts/install"),
        )
    }

    /// One that keeps prepared statements: the system's, else the one beside it.
    fn recent() -> Program {
        let installed = Program::installed();
        if installed.version() >= RECENT {
            return installed;
        }
        let cache = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
        let cache = cache.or_else(|| Some(env::home_dir()?.join(".cache")));
        let bundle = cache.map(|cache| cache.join("shortlease-tools/pgbouncer"));
        let bundle = bundle.filter(|bundle| bundle.join("pgbouncer").is_file());
        let bundle =
            Program::Bundled(bundle.expect("no PgBouncer of 1.21 or later: run scripts/install"));
        assert!(
            bundle.version() >= RECENT,
            "PgBouncer {:?}: run scripts/install",
            bundle.version()
        );
        bundle
    }

    fn version(&self) -> (u32, u32) {
        let (program, arguments) = self.command(None);
        let printed = Command::new(program).args(arguments).arg("--version").output();
        let printed = printed.expect("pgbouncer runs").stdout;
        let printed = String::from_utf8_lossy(&printed);
        let number = printed.lines().next().and_then(|line| line.strip_prefix("PgBouncer "));
        let mut parts = number.into_iter().flat_map(|number| number.split('.')).map(str::parse);
        match (parts.next(), parts.next()) {
            (Some(Ok(major)), Some(Ok(minor))) => (major, minor),
            _ => panic!("pgbouncer --version printed {printed}"),
        }
    }

    /// What to run. A bundle is copied into the home first: the account that runs it there may be
    /// unable to reach where it was.
    fn command(&self, home: Option<&ServerDir>) -> (PathBuf, Vec<OsString>) {
        let bundle = match (self, home) {
            (Program::Installed(program), _) => return (program.clone(), Vec::new()),
            (Program::Bundled(bundle), None) => bundle.clone(),
            (Program::Bundled(bundle), Some(home)) => {
                let copy = home.path().join("bundle");
                home.run(Command::new("cp").arg("-r").arg(bundle).arg(&copy));
                copy
            }
        };
        let arguments =
            ["--library-path".into(), bundle.clone().into(), bundle.join("pgbouncer").into()];
        (bundle.join("ld.so"), arguments.into())
    }
}

impl PgBouncer {
    /// Starts the system's PgBouncer in transaction mode, but for the `settings` of `pgbouncer.ini` given,
    /// and waits until it takes connections.
    ///
    /// # Panics
    /// Where PgBouncer is not installed, does not start, or does not know a setting.
    pub async fn start(server: &Server, settings: &[(&str, &str)]) -> PgBouncer {
        Self::start_program(Program::installed, server, settings).await
    }

    /// As [`start`](PgBouncer::start), for one that knows `max_prepared_statements`.
    ///
    /// # Panics
    /// As [`start`](PgBouncer::start).
    pub async fn start_recent(server: &Server, settings: &[(&str, &str)]) -> PgBouncer {
        Self::start_program(Program::recent, server, settings).await
    }

    async fn start_program(
        program: fn() -> Program,
        server: &Server,
        settings: &[(&str, &str)],
    ) -> PgBouncer {
        let mut configuration = format!(
            "[databases]\n* = host=127.0.0.1 port={}\n[pgbouncer]\n",
            server.address().port()
        );
        for (name, value) in SETTINGS.iter().chain(settings) {
            writeln!(configuration, "{name} = {value}").expect("a string takes all");
        }
        blocking(move || Self::start_blocking(&program(), &configuration)).await
    }

    fn start_blocking(program: &Program, configuration: &str) -> PgBouncer {
        let home = ServerDir::new();
        home.write("roles", &format!("\"{SUPERUSER}\" \"\"\n\"{USER}\" \"{PASSWORD}\"\n"));
        let (program, arguments) = program.command(Some(&home));
        let arguments: Vec<_> = arguments.into_iter().chain(["pgbouncer.ini".into()]).collect();
        let deadline = Instant::now() + LIMIT;
        loop {
            let port = ports::pick();
            let own = format!(
                "listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n\
                 auth_type = trust\nauth_file = roles\nadmin_users = {SUPERUSER}\n"
            );
            home.write("pgbouncer.ini", &format!("{configuration}{own}"));
            let started = ChildServer::start(&home, "KILL", &program, &arguments);
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
        let console: PgConnectOptions = self.url("pgbouncer").parse().expect("a URL");
        // Which it may have been told to refuse.
        let console = console.extra_float_digits(None);
        let mut console = PgConnection::connect_with(&console).await.expect("the console");
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
