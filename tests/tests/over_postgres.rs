//! The behaviour suite on PostgreSQL, over a pool of `sqlx`.

mod behaviour;

/// A real PostgreSQL server, with a database and a pool for each test.
mod database {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    use shortlease::{Builder, Db, Error};
    use shortlease_tests::postgres::Server;
    use shortlease_tests::proxy::Proxy;
    use sqlx::migrate::Migrator;
    use sqlx::postgres::PgPoolOptions;

    pub(crate) type Database = shortlease::Postgres;

    /// A database of a test's own.
    pub(crate) struct Scratch {
        server: &'static Server,
        name: String,
        url: String,
        _proxy: Option<Proxy>,
    }

    impl Scratch {
        pub(crate) const LEASES_ARE_TRANSACTIONS: bool = true;

        pub(crate) async fn new() -> Scratch {
            static CREATED: AtomicU32 = AtomicU32::new(0);
            let server = Server::shared().await;
            let name = format!("over_{}", CREATED.fetch_add(1, Ordering::Relaxed));
            let url = server.create_database(&name).await;
            Scratch { server, name, url, _proxy: None }
        }

        /// A millisecond away, through a proxy.
        pub(crate) async fn distant() -> Scratch {
            let scratch = Scratch::new().await;
            let proxy = Proxy::start(scratch.server.address());
            proxy.delay(Duration::from_millis(1));
            Scratch { url: proxy.url(&scratch.url), _proxy: Some(proxy), ..scratch }
        }

        pub(crate) fn url(&self) -> String {
            self.url.clone()
        }

        /// Over a pool with connections to spare, as a revoked lease may keep its.
        pub(crate) fn builder(&self) -> Builder<Database> {
            let pool = PgPoolOptions::new().max_connections(5);
            Db::builder_from_pool(pool.connect_lazy(&self.url).expect("a URL"))
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
            let sessions = self.server.sessions(&self.name).await;
            sessions.iter().any(|session| session.state.as_deref() != Some("idle"))
        }
    }
}
