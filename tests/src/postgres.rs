//! A real PostgreSQL server for tests.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tokio::sync::OnceCell;

use crate::authority::{self, Authority};
use crate::child_server::{ChildServer, blocking};
use crate::ports;
use crate::server_dir::ServerDir;
use crate::wait::LIMIT;

/// The superuser, who needs no password.
pub const SUPERUSER: &str = "postgres";
/// A role without privileges, who needs [`PASSWORD`].
pub const USER: &str = "app";
/// The password of [`USER`].
pub const PASSWORD: &str = "secret";
/// The database that every server has.
pub const DATABASE: &str = "postgres";

const INITDB: [&str; 7] = [
    "--username=postgres", "--auth=trust", "--no-locale", "--encoding=UTF8", "--no-sync",
    "--wal-segsize=1", "--pgdata=data",
];

const ACCESS: &str = "
host all postgres 127.0.0.1/32 trust
host all all      127.0.0.1/32 scram-sha-256
";

/// Nothing here outlives the machine, so nothing need reach a disk. Commits still reach the system: what was
/// committed before [`Server::kill_9`] is there after it.
const FAST: [(&str, &str); 7] = [
    ("autovacuum", "off"),
    ("fsync", "off"),
    ("full_page_writes", "off"),
    ("max_wal_senders", "0"),
    ("shared_buffers", "32MB"),
    ("wal_level", "minimal"),
    // In the data directory, so that a killed server leaves nothing behind elsewhere.
    ("dynamic_shared_memory_type", "mmap"),
];

/// A PostgreSQL server of our own, on a free port of 127.0.0.1. Dropping it ends it at once; it also ends,
/// and its files go, when the test process ends in any way, be it by SIGKILL.
pub struct Server {
    running: Option<ChildServer>,
    cluster: Arc<Cluster>,
}

/// What stays the same over restarts.
struct Cluster {
    programs: PathBuf,
    port: u16,
    home: ServerDir,
}

/// Settings for a [`Server`].
#[derive(Clone, Default)]
pub struct Builder {
    settings: Vec<(String, String)>,
    access: String,
    wal: Option<PathBuf>,
    authority: Option<[PathBuf; 2]>,
    /// The port of the server to follow.
    primary: Option<u16>,
}

/// One row of `pg_stat_activity`.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Activity {
    /// The server process.
    pub pid: i32,
    /// `active`, `idle`, `idle in transaction`, ...
    pub state: Option<String>,
    /// The statement that runs, or the last that did.
    pub query: String,
    /// What the client calls itself.
    pub application_name: String,
}

impl Builder {
    /// Sets a parameter of `postgresql.conf`; the last setting of a parameter counts.
    #[must_use]
    pub fn setting(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Keeps the write-ahead log in a directory that all may write to, with nothing in reserve.
    #[must_use]
    pub fn wal(mut self, directory: PathBuf) -> Self {
        self.wal = Some(directory);
        self.setting("min_wal_size", "2MB")
            .setting("max_wal_size", "8MB")
            .setting("wal_recycle", "off")
    }

    /// Adds a line to `pg_hba.conf`, before those that are there.
    #[must_use]
    pub fn access(mut self, line: &str) -> Self {
        self.access += line;
        self.access += "\n";
        self
    }

    /// Lets standbys follow the server.
    #[must_use]
    pub fn replicated(self) -> Self {
        self.setting("wal_level", "replica")
            .setting("max_wal_senders", "4")
            .access("host replication postgres 127.0.0.1/32 trust")
    }

    /// Starts as a copy of a server that is [`replicated`](Builder::replicated), and follows it as a standby.
    #[must_use]
    pub fn standby_of(mut self, primary: &Server) -> Self {
        self.primary = Some(primary.cluster.port);
        self.replicated()
    }

    /// Offers TLS, with a certificate for `localhost`.
    #[must_use]
    pub fn tls(mut self, authority: &Authority) -> Self {
        self.authority = Some(authority.files());
        self.setting("ssl", "on")
    }

    /// Starts the server and waits until it takes connections.
    ///
    /// # Panics
    /// Where PostgreSQL is not installed, or does not start.
    pub async fn start(self) -> Server {
        blocking(move || self.start_blocking()).await
    }

    fn start_blocking(self) -> Server {
        let programs = programs();
        let home = ServerDir::new();
        match self.primary {
            None => unpack_template(&home, &programs),
            Some(port) => copy_of(port, &home, &programs),
        }
        home.write("data/pg_hba.conf", &(self.access.clone() + ACCESS));
        if let Some(directory) = &self.wal {
            let there = directory.join("pg_wal");
            home.run(home.command("mv").arg("data/pg_wal").arg(&there));
            home.run(home.command("ln").arg("-s").arg(there).arg("data/pg_wal"));
        }
        if let Some(authority) = &self.authority {
            authority::issue(authority, &home);
        }
        let mut cluster = Cluster { programs, port: 0, home };
        let deadline = Instant::now() + LIMIT;
        loop {
            cluster.port = ports::pick();
            cluster.home.write("data/postgresql.conf", &self.configuration(cluster.port));
            match cluster.launch() {
                Ok(running) => {
                    return Server { running: Some(running), cluster: Arc::new(cluster) };
                }
                Err(log) => cluster.give_up_unless(&log, &["could not bind"], deadline),
            }
        }
    }

    fn configuration(&self, port: u16) -> String {
        let mut configuration = format!(
            "port = {port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = ''\n"
        );
        let chosen = self.settings.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        for (name, value) in FAST.into_iter().chain(chosen) {
            let value = value.replace('\'', "''");
            writeln!(configuration, "{name} = '{value}'").expect("a string takes all");
        }
        configuration
    }
}

impl Server {
    /// Starts a server with the settings of a test server: nothing is synced to disk.
    ///
    /// # Panics
    /// Where PostgreSQL is not installed, or does not start.
    pub async fn start() -> Server {
        Self::builder().start().await
    }

    /// For a server with other settings.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The one server that all tests of this process share; keep to a database of your own in it.
    ///
    /// # Panics
    /// Where PostgreSQL is not installed, or does not start.
    pub async fn shared() -> &'static Server {
        static SHARED: OnceCell<Server> = OnceCell::const_new();
        SHARED.get_or_init(Self::start).await
    }

    /// Where the server listens.
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.cluster.port).into()
    }

    /// The URL of [`DATABASE`] for the [`SUPERUSER`].
    pub fn url(&self) -> String {
        self.url_of(DATABASE)
    }

    /// The URL of a database for a role.
    pub fn url_for(&self, user: &str, password: &str, database: &str) -> String {
        format!("postgres://{user}:{password}@{}/{database}", self.address())
    }

    fn url_of(&self, database: &str) -> String {
        format!("postgres://{SUPERUSER}@{}/{database}", self.address())
    }

    /// Creates an empty database, owned by [`USER`], and returns its URL for the [`SUPERUSER`].
    ///
    /// # Panics
    /// Where the server already has a database of that name.
    pub async fn create_database(&self, name: &str) -> String {
        let quoted = name.replace('"', "\"\"");
        let mut admin = self.admin().await;
        // Through the log, which is the default since 15, it takes twice as long.
        let copied = admin.server_version_num().is_some_and(|version| version >= 15_00_00);
        let strategy = if copied { "STRATEGY FILE_COPY" } else { "" };
        let statement = format!("CREATE DATABASE \"{quoted}\" OWNER {USER} {strategy}");
        sqlx::raw_sql(AssertSqlSafe(statement))
            .execute(&mut admin)
            .await
            .unwrap_or_else(|error| panic!("CREATE DATABASE {name}: {error}"));
        admin.close().await.expect("a clean end");
        self.url_of(name)
    }

    /// A connection of the [`SUPERUSER`] to [`DATABASE`], past any proxy.
    pub async fn admin(&self) -> PgConnection {
        PgConnection::connect(&self.url()).await.expect("the server is up")
    }

    /// The sessions of clients in a database, oldest first, without the one that asks.
    pub async fn sessions(&self, database: &str) -> Vec<Activity> {
        let mut admin = self.admin().await;
        let sessions = sqlx::query_as(
            "SELECT pid, state, query, application_name FROM pg_stat_activity
             WHERE datname = $1 AND backend_type = 'client backend' AND pid <> pg_backend_pid()
             ORDER BY backend_start, pid",
        )
        .bind(database)
        .fetch_all(&mut admin)
        .await
        .expect("pg_stat_activity");
        admin.close().await.expect("a clean end");
        sessions
    }

    /// Kills the server as a crash would: its sessions end without a word, and nobody listens any more.
    pub async fn kill_9(&mut self) {
        self.end("KILL").await;
    }

    /// Stops the server as an administrator would: it tells its sessions, then ends them.
    pub async fn stop(&mut self) {
        self.end("INT").await;
    }

    /// Starts the server again, on the same port with the same databases; stops it first if it runs.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn restart(&mut self) {
        self.stop().await;
        let cluster = Arc::clone(&self.cluster);
        self.running = Some(blocking(move || cluster.launch_again()).await);
    }

    async fn end(&mut self, signal: &'static str) {
        if let Some(running) = self.running.take() {
            blocking(move || running.end(signal)).await;
        }
    }
}

impl Cluster {
    /// Waits until the server takes connections; where it ends instead, returns its log.
    fn launch(&self) -> Result<ChildServer, String> {
        let program = self.programs.join("postgres");
        let started = ChildServer::start(&self.home, "QUIT", program, ["-D", "data"]);
        started.until(|started| self.ready(started.pid))
    }

    fn launch_again(&self) -> ChildServer {
        let deadline = Instant::now() + LIMIT;
        loop {
            match self.launch() {
                Ok(running) => return running,
                // Sessions of a killed server hold on to its memory until they notice.
                Err(log) => self.give_up_unless(
                    &log,
                    &["could not bind", "pre-existing shared memory block"],
                    deadline,
                ),
            }
        }
    }

    fn give_up_unless(&self, log: &str, passing: &[&str], deadline: Instant) {
        let passes = passing.iter().any(|reason| log.contains(reason));
        assert!(passes && Instant::now() < deadline, "PostgreSQL does not start:\n{log}");
        sleep(Duration::from_millis(20));
    }

    /// As `pg_ctl` decides it: the first line is the process, the eighth its state. The file of a killed
    /// server stays, with another process.
    fn ready(&self, pid: u32) -> bool {
        let lock = fs::read_to_string(self.home.path().join("data/postmaster.pid"));
        let lock = lock.unwrap_or_default();
        let mut lines = lock.lines().map(str::trim);
        lines.next() == Some(&pid.to_string()) && matches!(lines.nth(6), Some("ready" | "standby"))
    }
}

impl Drop for Cluster {
    /// A killed server leaves the memory segment it locked its directory with, which only a restart removes.
    fn drop(&mut self) {
        let lock = fs::read_to_string(self.home.path().join("data/postmaster.pid"));
        let lock = lock.unwrap_or_default();
        if let Some(segment) = lock.lines().nth(6).and_then(|line| line.split_whitespace().nth(1)) {
            let _ = self.home.command("ipcrm").args(["-m", segment]).output();
        }
    }
}

/// The directory of the newest PostgreSQL installed.
fn programs() -> PathBuf {
    let complete = |directory: &PathBuf| {
        ["initdb", "postgres"].iter().all(|name| directory.join(name).is_file())
    };
    let version = |directory: &Path| directory.file_name()?.to_str()?.parse::<u32>().ok();
    let mut versions: Vec<_> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .collect();
    versions.sort_by_key(|directory| std::cmp::Reverse(version(directory)));
    let packaged = versions.into_iter().map(|directory| directory.join("bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    packaged.chain(std::env::split_paths(&path)).find(complete).expect(
        "PostgreSQL's `initdb` and `postgres`, in /usr/lib/postgresql/*/bin or PATH: \
         install them with `apt-get install postgresql` or `brew install postgresql`",
    )
}

/// Puts a fresh cluster into `data`. `initdb` takes a second or more, so its result is kept as an archive that
/// all test processes share: one file, put in place by a rename, so that it is there whole or not at all.
fn unpack_template(home: &ServerDir, programs: &Path) {
    let role = format!("CREATE ROLE {USER} LOGIN PASSWORD '{PASSWORD}'");
    let template = home.neighbourhood().join(template_name(home, programs, &role));
    if home.owns(&template) {
        home.run(home.command("tar").arg("-xf").arg(template));
        return;
    }
    home.run(home.command(programs.join("initdb")).args(INITDB));
    let role = File::open(home.write("role.sql", &role)).expect("just written");
    let alone = ["--single", "-D", "data", "-c", "password_encryption=scram-sha-256", DATABASE];
    home.run(home.command(programs.join("postgres")).args(alone).stdin(role));
    home.run(home.command("tar").args(["-cf", "template.tar", "data"]));
    fs::rename(home.path().join("template.tar"), template).expect("a rename within the directory");
}

/// Puts a copy of a server into `data`, which follows that server.
fn copy_of(port: u16, home: &ServerDir, programs: &Path) {
    let mut copy = home.command(programs.join("pg_basebackup"));
    let options = ["--pgdata=data", "--write-recovery-conf", "--checkpoint=fast", "--no-sync"];
    copy.args(options).arg(format!("--dbname=postgres://{SUPERUSER}@127.0.0.1:{port}"));
    home.run(&mut copy);
}

/// Names all that the template depends on.
fn template_name(home: &ServerDir, programs: &Path, role: &str) -> String {
    let version = home.command(programs.join("postgres")).arg("--version").output();
    let version = version.expect("postgres runs").stdout;
    let mut recipe = DefaultHasher::new();
    (home.owner(), programs, version, INITDB, role).hash(&mut recipe);
    format!("shortlease-postgres-{:016x}.tar", recipe.finish())
}
