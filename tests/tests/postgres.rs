//! The behaviour suite on PostgreSQL, and what only PostgreSQL does.

mod behaviour;
mod postgres_only;

/// A real PostgreSQL server, with a database for each test.
mod database {
    use shortlease::{Builder, Db, Error};
    use sqlx::migrate::Migrator;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    use shortlease_tests::postgres::Server;
    use shortlease_tests::proxy::Proxy;

    pub(crate) type Database = shortlease::Postgres;

    /// A database of a test's own.
    pub(crate) struct Scratch {
        pub(crate) server: &'static Server,
        pub(crate) name: String,
        url: String,
        proxy: Option<Proxy>,
    }

    impl Scratch {
        pub(crate) const LEASES_ARE_TRANSACTIONS: bool = false;

        pub(crate) async fn new() -> Scratch {
            static CREATED: AtomicU32 = AtomicU32::new(0);
            let server = Server::shared().await;
            let name = format!("scratch_{}", CREATED.fetch_add(1, Ordering::Relaxed));
            let url = server.create_database(&name).await;
            Scratch { server, name, url, proxy: None }
        }

        /// A millisecond away, through a proxy.
        pub(crate) async fn distant() -> Scratch {
            let scratch = Scratch::new().await;
            let proxy = Proxy::start(scratch.server.address());
            proxy.delay(Duration::from_millis(1));
            Scratch { url: proxy.url(&scratch.url), proxy: Some(proxy), ..scratch }
        }

        pub(crate) fn url(&self) -> String {
            self.url.clone()
        }

        /// What a distant database is behind.
        pub(crate) fn proxy(&self) -> &Proxy {
            self.proxy.as_ref().expect("made by `distant`")
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

        /// Whether somebody left a transaction open.
        pub(crate) async fn in_transaction(&self) -> bool {
            let sessions = self.server.sessions(&self.name).await;
            sessions.iter().any(|session| session.state.as_deref() != Some("idle"))
        }
    }
}
