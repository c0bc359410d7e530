//! Databases of a test's own.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use shortlease::{Builder, Db, MySql, Postgres, Sqlite};
use sqlx::migrate::Migrator;
use sqlx::{Connection, Executor, SqliteConnection};
use tempfile::TempDir;

use crate::mysql;
use crate::postgres::{self, Activity};
use crate::proxy::Proxy;

/// The tables of the tests, for PostgreSQL and SQLite.
pub static MIGRATIONS: Migrator = sqlx::migrate!();

/// An empty database on the server that all tests of a process share.
macro_rules! database {
    ($name:ident, $server:ty, $backend:ty) => {
        /// An empty database on the server that all tests of a process share.
        pub struct $name {
            server: &'static $server,
            name: String,
            url: String,
            proxy: Option<Proxy>,
        }

        impl $name {
            /// Creates a database under a name that no other test uses.
            pub async fn new() -> Self {
                static CREATED: AtomicU32 = AtomicU32::new(0);
                Self::named(&format!("scratch_{}", CREATED.fetch_add(1, Ordering::Relaxed))).await
            }

            /// Creates the database `name`.
            pub async fn named(name: &str) -> Self {
                let server = <$server>::shared().await;
                let url = server.create_database(name).await;
                Self { server, name: name.to_owned(), url, proxy: None }
            }

            /// Puts a proxy before the server, which delays each message by a millisecond.
            pub fn at_a_distance(self) -> Self {
                let proxy = Proxy::start(self.server.address());
                proxy.delay(Duration::from_millis(1));
                Self { url: proxy.url(&self.url), proxy: Some(proxy), ..self }
            }

            /// The server that holds the database.
            pub fn server(&self) -> &'static $server {
                self.server
            }

            /// The name of the database on its server.
            pub fn name(&self) -> &str {
                &self.name
            }

            /// The URL, which leads through the proxy if there is one.
            pub fn url(&self) -> String {
                self.url.clone()
            }

            /// The proxy of a database at a distance.
            ///
            /// # Panics
            /// If the database is not at a distance.
            pub fn proxy(&self) -> &Proxy {
                self.proxy.as_ref().expect("a database at a distance")
            }

            /// The settings of a handle on the database.
            pub fn builder(&self) -> Builder<$backend> {
                Db::builder(self.url())
            }
        }
    };
}

database!(PostgresDatabase, postgres::Server, Postgres);
database!(MySqlDatabase, mysql::Server, MySql);

impl PostgresDatabase {
    /// Lists the sessions that are connected to the database.
    pub async fn sessions(&self) -> Vec<Activity> {
        self.server.sessions(&self.name).await
    }

    /// Returns whether a session runs a statement or has left a transaction open.
    pub async fn in_transaction(&self) -> bool {
        self.sessions().await.iter().any(|session| session.state.as_deref() != Some("idle"))
    }
}

impl MySqlDatabase {
    /// The ids of the sessions in the database, oldest first.
    pub async fn sessions(&self) -> Vec<u64> {
        self.server.sessions(&self.name).await
    }

    /// Returns whether a session has left a transaction open in which it used a table.
    pub async fn in_transaction(&self) -> bool {
        self.server.number(self.server.flavor().open_transactions(&self.name)).await > 0
    }

    /// Returns whether a session runs a statement, or has left a transaction open in which it used a table.
    /// For a moment after its answer, a statement still counts as running.
    pub async fn is_busy(&self) -> bool {
        let running = format!(
            "SELECT count(*) FROM {} WHERE DB = '{}' AND COMMAND <> 'Sleep'",
            self.server.flavor().sessions(),
            self.name
        );
        self.server.number(running).await > 0 || self.in_transaction().await
    }
}

/// An empty SQLite database in a file, which is deleted with this.
pub struct SqliteFile {
    directory: TempDir,
}

impl SqliteFile {
    /// Makes a directory for the file. The first connection creates the file.
    ///
    /// # Panics
    /// If no temporary directory can be made.
    pub fn new() -> Self {
        Self { directory: tempfile::tempdir().expect("a temporary directory") }
    }

    /// The URL of the file.
    pub fn url(&self) -> String {
        format!("sqlite://{}?mode=rwc", self.directory.path().join("scratch.db").display())
    }

    /// The settings of a handle on the file.
    pub fn builder(&self) -> Builder<Sqlite> {
        Db::builder(self.url())
    }

    /// Returns whether a connection has left a transaction open that writes.
    ///
    /// # Panics
    /// If the file cannot be opened.
    pub async fn in_transaction(&self) -> bool {
        let mut other = SqliteConnection::connect(&self.url()).await.expect("the file is there");
        other.execute("PRAGMA busy_timeout = 0").await.expect("a setting");
        let locked = other.execute("BEGIN IMMEDIATE; ROLLBACK").await.is_err();
        other.close().await.expect("a clean end");
        locked
    }
}

impl Default for SqliteFile {
    fn default() -> Self {
        Self::new()
    }
}

/// Creates the PostgreSQL database `name`, and returns its server and the settings of a handle on it.
pub async fn builder(name: &str) -> (&'static postgres::Server, Builder<Postgres>) {
    let database = PostgresDatabase::named(name).await;
    (database.server(), database.builder())
}

/// Creates the PostgreSQL database `name`, and returns its server, a proxy before it and the URL through it.
pub async fn behind_proxy(name: &str) -> (&'static postgres::Server, Proxy, String) {
    let database = PostgresDatabase::named(name).await;
    let proxy = Proxy::start(database.server().address());
    let url = proxy.url(&database.url());
    (database.server(), proxy, url)
}
