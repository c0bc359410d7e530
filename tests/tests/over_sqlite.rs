//! The behaviour suite on SQLite, over a pool of `sqlx`, and what ends a transaction there.

mod behaviour;
#[path = "sqlite_only/ended.rs"]
mod ended;

/// SQLite, in a file and with a pool for each test.
mod database {
    use shortlease::{Builder, Db, Error};
    use sqlx::migrate::Migrator;
    use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};
    use sqlx::{Connection, Executor, SqliteConnection};
    use tempfile::TempDir;

    pub(crate) type Database = shortlease::Sqlite;

    /// A database of a test's own.
    pub(crate) struct Scratch {
        directory: TempDir,
    }

    impl Scratch {
        pub(crate) const LEASES_ARE_TRANSACTIONS: bool = false;

        pub(crate) async fn new() -> Scratch {
            Scratch { directory: tempfile::tempdir().expect("a temporary directory") }
        }

        /// No further away: a thread of its own has the answers.
        pub(crate) async fn distant() -> Scratch {
            Scratch::new().await
        }

        pub(crate) fn url(&self) -> String {
            format!("sqlite://{}?mode=rwc", self.directory.path().join("scratch.db").display())
        }

        /// Over a pool with connections to spare, as a revoked lease may keep its.
        pub(crate) fn builder(&self) -> Builder<Database> {
            let file: SqliteConnectOptions = self.url().parse().expect("a URL");
            let pool = SqlitePoolOptions::new().max_connections(5);
            Db::builder_from_pool(pool.connect_lazy_with(file.journal_mode(SqliteJournalMode::Wal)))
        }

        pub(crate) async fn migrate(
            &self,
            db: &Db<Database>,
            migrator: &Migrator,
        ) -> Result<(), Error> {
            db.migrate(migrator).await
        }

        /// Whether somebody left a transaction open.
        pub(crate) async fn in_transaction(&self) -> bool {
            let mut other =
                SqliteConnection::connect(&self.url()).await.expect("the file is there");
            other.execute("PRAGMA busy_timeout = 0").await.expect("a setting");
            let locked = other.execute("BEGIN IMMEDIATE; ROLLBACK").await.is_err();
            other.close().await.expect("a clean end");
            locked
        }
    }
}
