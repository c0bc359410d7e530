//! The promises for any database, on MariaDB.

#[path = "../any/mod.rs"]
pub(crate) mod any;

pub(crate) mod database {
    use std::ops::Deref;

    use shortlease::{Db, Error};
    use sqlx::migrate::Migrator;

    pub(crate) use shortlease_tests::mysql::MIGRATIONS;

    pub(crate) type Database = shortlease::MySql;

    pub(crate) struct Scratch(shortlease_tests::scratch::MySqlDatabase);

    impl Deref for Scratch {
        type Target = shortlease_tests::scratch::MySqlDatabase;

        fn deref(&self) -> &shortlease_tests::scratch::MySqlDatabase {
            &self.0
        }
    }

    impl Scratch {
        pub(crate) const LEASES_ARE_TRANSACTIONS: bool = false;
        pub(crate) const SESSIONS_ARE_OWN: bool = true;
        pub(crate) const READS_ON: bool = false;

        pub(crate) async fn new() -> Scratch {
            Scratch(shortlease_tests::scratch::MySqlDatabase::new().await)
        }

        pub(crate) async fn distant() -> Scratch {
            Scratch(shortlease_tests::scratch::MySqlDatabase::new().await.at_a_distance())
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
