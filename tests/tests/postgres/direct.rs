//! The promises for any database, on PostgreSQL.

#[path = "aborted.rs"]
mod aborted;
#[path = "../any/mod.rs"]
pub(crate) mod any;

pub(crate) mod database {
    use std::ops::Deref;

    use shortlease::{Db, Error};
    use shortlease_tests::scratch::PostgresDatabase;
    use sqlx::migrate::Migrator;

    pub(crate) use shortlease_tests::scratch::MIGRATIONS;

    pub(crate) type Database = shortlease::Postgres;

    pub(crate) struct Scratch(PostgresDatabase);

    impl Deref for Scratch {
        type Target = PostgresDatabase;

        fn deref(&self) -> &PostgresDatabase {
            &self.0
        }
    }

    impl Scratch {
        pub(crate) const LEASES_ARE_TRANSACTIONS: bool = false;
        pub(crate) const SESSIONS_ARE_OWN: bool = true;
        pub(crate) const READS_ON: bool = true;

        pub(crate) async fn new() -> Scratch {
            Scratch(PostgresDatabase::new().await)
        }

        pub(crate) async fn distant() -> Scratch {
            Scratch(PostgresDatabase::new().await.at_a_distance())
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
