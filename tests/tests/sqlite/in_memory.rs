//! The promises for any database, on SQLite in memory.

#[path = "../any/mod.rs"]
pub(crate) mod any;

mod database {
    use shortlease::{Builder, Db, Error};
    use sqlx::migrate::Migrator;

    pub(crate) use shortlease_tests::scratch::MIGRATIONS;

    pub(crate) type Database = shortlease::Sqlite;

    /// A database in memory, which lives as long as its `Db`.
    pub(crate) struct Scratch;

    impl Scratch {
        pub(crate) const LEASES_ARE_TRANSACTIONS: bool = false;
        pub(crate) const SESSIONS_ARE_OWN: bool = true;
        pub(crate) const READS_ON: bool = true;

        pub(crate) async fn new() -> Scratch {
            Scratch
        }

        /// No further away: a thread of its own has the answers.
        pub(crate) async fn distant() -> Scratch {
            Scratch::new().await
        }

        pub(crate) fn url(&self) -> String {
            "sqlite::memory:".to_owned()
        }

        pub(crate) fn builder(&self) -> Builder<Database> {
            Db::builder(self.url())
        }

        pub(crate) async fn migrate(
            &self,
            db: &Db<Database>,
            migrator: &Migrator,
        ) -> Result<(), Error> {
            db.migrate(migrator).await
        }

        /// Nobody outside of the `Db` can look.
        pub(crate) async fn in_transaction(&self) -> bool {
            false
        }
    }
}
