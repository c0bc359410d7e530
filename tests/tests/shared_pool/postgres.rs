//! The promises for any database, on PostgreSQL, over a pool of `sqlx`.

#[path = "../any/mod.rs"]
pub(crate) mod any;

pub(crate) mod database {
    use std::ops::Deref;

    use shortlease::{Builder, Db, Error};
    use shortlease_tests::scratch::PostgresDatabase;
    use sqlx::migrate::Migrator;
    use sqlx::postgres::PgPoolOptions;

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
        pub(crate) const LEASES_ARE_TRANSACTIONS: bool = true;
        pub(crate) const SESSIONS_ARE_OWN: bool = false;
        pub(crate) const READS_ON: bool = true;

        pub(crate) async fn new() -> Scratch {
            Scratch(PostgresDatabase::new().await)
        }

        pub(crate) async fn distant() -> Scratch {
            Scratch(PostgresDatabase::new().await.at_a_distance())
        }

        /// Settings over a pool with connections to spare, because a revoked lease may keep its own.
        pub(crate) fn builder(&self) -> Builder<Database> {
            let pool = PgPoolOptions::new().max_connections(5);
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
