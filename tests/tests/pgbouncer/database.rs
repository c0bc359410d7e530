//! A real PostgreSQL server behind a real PgBouncer, with a database for each test.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use shortlease::{Builder, Db, Error};
use shortlease_tests::pgbouncer::PgBouncer;
use shortlease_tests::postgres::Server;
use shortlease_tests::proxy::Proxy;
use sqlx::migrate::Migrator;
use tokio::sync::OnceCell;

use super::{POOLER, start};

pub(crate) use shortlease_tests::scratch::MIGRATIONS;

pub(crate) type Database = shortlease::Postgres;

/// A database of a test's own.
pub(crate) struct Scratch {
    name: String,
    direct: String,
    url: String,
    behind: &'static Behind,
    _proxy: Option<Proxy>,
}

/// What all tests share.
struct Behind {
    server: Server,
    bouncer: PgBouncer,
}

impl Behind {
    async fn shared() -> &'static Behind {
        static SHARED: OnceCell<Behind> = OnceCell::const_new();
        let start = async || {
            // PgBouncer keeps sessions for each database that a test has used.
            let server = Server::builder().setting("max_connections", "400").start().await;
            let settings = [
                // The most leases at a time, one for who cancels, and one that is being recovered.
                ("default_pool_size", "6"),
                ("ignore_startup_parameters", ""),
                ("max_client_conn", "1000"),
                ("server_idle_timeout", "2"),
            ];
            let bouncer = start(&server, &settings).await;
            Behind { server, bouncer }
        };
        SHARED.get_or_init(start).await
    }
}

impl Scratch {
    pub(crate) const LEASES_ARE_TRANSACTIONS: bool = true;
    pub(crate) const SESSIONS_ARE_OWN: bool = false;
    pub(crate) const READS_ON: bool = true;

    pub(crate) async fn new() -> Scratch {
        static CREATED: AtomicU32 = AtomicU32::new(0);
        let behind = Behind::shared().await;
        let name = format!("scratch_{}", CREATED.fetch_add(1, Ordering::Relaxed));
        let direct = behind.server.create_database(&name).await;
        let url = behind.bouncer.url(&name);
        Scratch { name, direct, url, behind, _proxy: None }
    }

    /// A millisecond away, through a proxy.
    pub(crate) async fn distant() -> Scratch {
        let scratch = Scratch::new().await;
        let proxy = Proxy::start(scratch.behind.bouncer.address());
        proxy.delay(Duration::from_millis(1));
        Scratch { url: proxy.url(&scratch.url), _proxy: Some(proxy), ..scratch }
    }

    pub(crate) fn url(&self) -> String {
        self.url.clone()
    }

    pub(crate) fn builder(&self) -> Builder<Database> {
        Db::builder(self.url()).pooler(POOLER)
    }

    /// Past PgBouncer, as users have to.
    pub(crate) async fn migrate(&self, _: &Db<Database>, migrator: &Migrator) -> Result<(), Error> {
        Db::<Database>::connect(&*self.direct).await?.migrate(migrator).await
    }

    /// Whether somebody left a transaction open.
    pub(crate) async fn in_transaction(&self) -> bool {
        let sessions = self.behind.server.sessions(&self.name).await;
        sessions.iter().any(|session| session.state.as_deref() != Some("idle"))
    }
}
