//! The promises for any database, on MariaDB, over a pool of `sqlx`.

#[path = "../any/mod.rs"]
pub(crate) mod any;

pub(crate) mod database {
    use std::ops::Deref;

    use shortlease::{Builder, Db, Error};
    use shortlease_tests::scratch::MySqlDatabase;
    use sqlx::migrate::Migrator;
    use sqlx::mysql::MySqlPoolOptions;

    pub(crate) use shortlease_tests::mysql::MIGRATIONS;

    pub(crate) type Database = shortlease::MySql;

    pub(crate) struct Scratch(MySqlDatabase);

    impl Deref for Scratch {
        type Target = MySqlDatabase;

        fn deref(&self) -> &MySqlDatabase {
            &self.0
        }
    }

    impl Scratch {
        pub(crate) const LEASES_ARE_TRANSACTIONS: bool = false;
        pub(crate) const SESSIONS_ARE_OWN: bool = false;
        pub(crate) const READS_ON: bool = false;

        pub(crate) async fn new() -> Scratch {
            Scratch(MySqlDatabase::new().await)
        }

        pub(crate) async fn distant() -> Scratch {
            Scratch(MySqlDatabase::new().await.at_a_distance())
        }

        /// Settings over a pool with connections to spare, because a revoked lease may keep its own.
        pub(crate) fn builder(&self) -> Builder<Database> {
            let pool = MySqlPoolOptions::new().max_connections(5);
            Db::builder_from_pool(pool.connect_lazy(&self.url()).expect("a URL"))
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
