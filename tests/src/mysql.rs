//! A real server for tests of `MySql`: MariaDB, or MySQL where the variable `MYSQLD` names its server.

mod flavor;

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use sqlx::migrate::Migrator;
use sqlx::{AssertSqlSafe, Connection, MySqlConnection};
use tokio::sync::OnceCell;

use crate::child_server::{ChildServer, blocking};
use crate::ports;
use crate::server_dir::ServerDir;
use crate::wait::LIMIT;

pub use flavor::Flavor;
use flavor::Step;

/// The tables of the tests, for MariaDB and MySQL: they know no constraint that waits for COMMIT.
pub static MIGRATIONS: Migrator = sqlx::migrate!("./migrations-mysql");

/// The superuser, who needs no password.
pub const SUPERUSER: &str = "root";
/// An account with all rights on each database and none on the server, who needs [`PASSWORD`].
pub const USER: &str = "app";
/// The password of [`USER`].
pub const PASSWORD: &str = "secret";

/// A server of our own, on a free port of 127.0.0.1. Dropping it ends it at once; it also ends, and
/// its files go, when the test process ends in any way, be it by SIGKILL.
pub struct Server {
    running: Option<ChildServer>,
    instance: Arc<Instance>,
}

/// The part of a server that stays the same over restarts.
struct Instance {
    flavor: Flavor,
    port: u16,
    options: Vec<String>,
    home: ServerDir,
}

impl Server {
    /// Starts a server with the settings of a test server, and `options` of the command line behind them.
    ///
    /// # Panics
    /// Where it is not installed, or does not start.
    pub async fn start(options: &[&str]) -> Server {
        let options = options.iter().map(|&option| option.to_owned()).collect();
        blocking(move || Self::start_blocking(options)).await
    }

    fn start_blocking(options: Vec<String>) -> Server {
        let home = ServerDir::new();
        let flavor = Flavor::of_this_run();
        unpack_template(&home, &flavor);
        let mut instance = Instance { flavor, port: 0, options, home };
        let deadline = Instant::now() + LIMIT;
        loop {
            instance.port = ports::pick();
            match instance.launch() {
                Ok(running) => {
                    return Server { running: Some(running), instance: Arc::new(instance) };
                }
                Err(log) => give_up_unless(&log, "Can't start server: Bind on", deadline),
            }
        }
    }

    /// The one server that all tests of this process share; keep to a database of your own in it.
    ///
    /// # Panics
    /// Where it is not installed, or does not start.
    pub async fn shared() -> &'static Server {
        static SHARED: OnceCell<Server> = OnceCell::const_new();
        SHARED.get_or_init(|| Self::start(&[])).await
    }

    /// Which server it is.
    pub fn flavor(&self) -> &Flavor {
        &self.instance.flavor
    }

    /// The address that the server listens on.
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.instance.port).into()
    }

    /// The URL of a database for the [`USER`].
    pub fn url(&self, database: &str) -> String {
        format!("mysql://{USER}:{PASSWORD}@{}/{database}", self.address())
    }

    /// Creates a database and returns its URL for the [`USER`].
    ///
    /// # Panics
    /// If there is one of that name.
    pub async fn create_database(&self, name: &str) -> String {
        self.execute(format!("CREATE DATABASE {name}")).await;
        self.url(name)
    }

    /// A connection of the [`SUPERUSER`] to no database, past any proxy.
    pub async fn admin(&self) -> MySqlConnection {
        let url = format!("mysql://{SUPERUSER}@{}/", self.address());
        MySqlConnection::connect(&url).await.expect("the server is up")
    }

    /// Lets the [`SUPERUSER`] execute statements.
    ///
    /// # Panics
    /// If one fails.
    pub async fn execute(&self, sql: impl Into<String>) {
        let sql = sql.into();
        let mut admin = self.admin().await;
        let done = sqlx::raw_sql(AssertSqlSafe(sql.clone())).execute(&mut admin).await;
        done.unwrap_or_else(|error| panic!("{sql}: {error}"));
        admin.close().await.expect("a clean end");
    }

    /// The number that a query of the [`SUPERUSER`] answers.
    ///
    /// # Panics
    /// If it fails.
    pub async fn number(&self, sql: impl Into<String>) -> i64 {
        let sql = sql.into();
        let mut admin = self.admin().await;
        let number = sqlx::query_scalar(AssertSqlSafe(sql.clone())).fetch_one(&mut admin).await;
        admin.close().await.expect("a clean end");
        number.unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// The ids of the sessions in a database, oldest first.
    pub async fn sessions(&self, database: &str) -> Vec<u64> {
        let mut admin = self.admin().await;
        let sessions = format!(
            "SELECT CAST(ID AS UNSIGNED) FROM {} WHERE DB = ? ORDER BY ID",
            self.flavor().sessions()
        );
        let sessions = sqlx::query_scalar(AssertSqlSafe(sessions))
            .bind(database)
            .fetch_all(&mut admin)
            .await
            .expect("a list");
        admin.close().await.expect("a clean end");
        sessions
    }

    /// Kills the server as a crash would: its sessions end without a word, and nobody listens any more.
    pub async fn kill_9(&mut self) {
        self.end("KILL").await;
    }

    /// Starts the server again, on the same port with the same databases; kills it first if it runs.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn restart(&mut self) {
        self.kill_9().await;
        let instance = Arc::clone(&self.instance);
        self.running = Some(blocking(move || instance.launch_again()).await);
    }

    async fn end(&mut self, signal: &'static str) {
        if let Some(running) = self.running.take() {
            blocking(move || running.end(signal)).await;
        }
    }
}

impl Instance {
    /// Waits until the server takes connections; where it ends instead, returns its log.
    fn launch(&self) -> Result<ChildServer, String> {
        let at = |option, file| format!("--{option}={}", self.home.path().join(file).display());
        let place = [
            format!("--port={}", self.port),
            data(&self.home),
            at("socket", "socket"),
            at("pid-file", "pid"),
        ];
        let options = self.flavor.options().into_iter().map(str::to_owned).chain(place);
        let options = options.chain(self.options.iter().cloned());
        let started = ChildServer::start(&self.home, "KILL", self.flavor.server(), options);
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        started.until(|started| {
            started.log().contains("ready for connections") && TcpStream::connect(address).is_ok()
        })
    }

    fn launch_again(&self) -> ChildServer {
        let deadline = Instant::now() + LIMIT;
        loop {
            match self.launch() {
                Ok(running) => return running,
                Err(log) => give_up_unless(&log, "Can't start server: Bind on", deadline),
            }
        }
    }
}

fn give_up_unless(log: &str, passing: &str, deadline: Instant) {
    let passes = log.contains(passing) && Instant::now() < deadline;
    assert!(passes, "the server does not start:\n{log}");
    sleep(Duration::from_millis(20));
}

/// Puts fresh system tables into `data`. Making them takes seconds, so the result is kept as an archive that
/// all test processes share: one file, put in place by a rename, so that it is there whole or not at all.
fn unpack_template(home: &ServerDir, flavor: &Flavor) {
    let account = format!(
        "{}CREATE USER {USER} IDENTIFIED BY '{PASSWORD}';\nGRANT ALL ON `scratch%`.* TO {USER};\n",
        flavor.superuser()
    );
    let template = home.neighbourhood().join(template_name(home, flavor, &account));
    if home.owns(&template) {
        home.run(home.command("tar").arg("-xf").arg(template));
        return;
    }
    let statements = home.write("account.sql", &format!("FLUSH PRIVILEGES;\n{account}"));
    for Step { program, arguments, input } in flavor.install(&data(home), &statements) {
        let input = input
            .map_or_else(Stdio::null, |file| fs::File::open(file).expect("just written").into());
        home.run(home.command(program).args(arguments).stdin(input));
    }
    home.run(home.command("tar").args(["-cf", "template.tar", "data"]));
    fs::rename(home.path().join("template.tar"), template).expect("a rename within the directory");
}

/// The option that names the directory, which the server would not look for here.
fn data(home: &ServerDir) -> String {
    format!("--datadir={}", home.path().join("data").display())
}

/// Names all that the template depends on.
fn template_name(home: &ServerDir, flavor: &Flavor, account: &str) -> String {
    let version = home.command(flavor.server()).arg("--version").output();
    let version = version.expect("the server runs").stdout;
    let install = flavor.install("", Path::new(""));
    let mut recipe = DefaultHasher::new();
    (home.owner(), flavor, version, install, account).hash(&mut recipe);
    format!("shortlease-mysql-{:016x}.tar", recipe.finish())
}
