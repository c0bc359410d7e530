//! The promises for any database, on SQLite in files.

#[path = "../any/mod.rs"]
pub(crate) mod any;
#[path = "ended.rs"]
mod ended;

mod database {
    use std::ops::Deref;

    use shortlease::{Db, Error};
    use shortlease_tests::scratch::SqliteFile;
    use sqlx::migrate::Migrator;

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
        pub(crate) const SESSIONS_ARE_OWN: bool = true;
        pub(crate) const READS_ON: bool = true;

        pub(crate) async fn new() -> Scratch {
            Scratch(SqliteFile::new())
        }

        /// No further away: a thread of its own has the answers.
        pub(crate) async fn distant() -> Scratch {
            Scratch::new().await
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
