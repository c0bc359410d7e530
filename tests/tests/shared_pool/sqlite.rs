//! The promises for any database, on SQLite over a pool of `sqlx`.

#[path = "../any/mod.rs"]
pub(crate) mod any;
#[path = "../sqlite/ended.rs"]
mod ended;

pub(crate) mod database {
    use std::ops::Deref;

    use shortlease::{Builder, Db, Error};
    use shortlease_tests::scratch::SqliteFile;
    use sqlx::migrate::Migrator;
    use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};

    pub(crate) use shortlease_tests::scratch::MIGRATIONS;

    pub(crate) type Database = shortlease::Sqlite;

    pub(crate) struct Scratch(SqliteFile);

    impl Deref for Scratch {
        type Target = SqliteFile;

        fn deref(&self) -> &SqliteFile {
            &self.0
        }
    }

    impl Scratch {
        pub(crate) const LEASES_ARE_TRANSACTIONS: bool = false;
        pub(crate) const SESSIONS_ARE_OWN: bool = false;
        pub(crate) const READS_ON: bool = true;

        pub(crate) async fn new() -> Scratch {
            Scratch(SqliteFile::new())
        }

        /// No further away: a thread of its own has the answers.
        pub(crate) async fn distant() -> Scratch {
            Scratch::new().await
        }

        /// Settings over a pool with connections to spare, because a revoked lease may keep its own.
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
    }
}
