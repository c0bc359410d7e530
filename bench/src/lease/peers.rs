//! The pools, each with one way to lease a connection for one statement.

use std::sync::Arc;

use deadpool::managed::{Manager, Metrics, RecycleResult};
use futures_util::future::BoxFuture;
use metrics_exporter_prometheus::PrometheusHandle;
use shortlease::{Db, Error, Postgres, Session, handler};
use sqlx::postgres::PgPoolOptions;
use sqlx::{Connection, PgConnection, PgPool};

/// The statement of each lease.
pub const STATEMENT: &str = "SELECT 1";

/// A pool, and a way to lease a connection of it for one statement.
pub trait Pool: Send + Sync {
    /// Its name in the table.
    fn name(&self) -> &'static str;

    /// Returns a lease in which [`STATEMENT`] is run, as a prepared one. It panics if that fails.
    fn select_one(&self) -> BoxFuture<'_, i32>;

    /// Does what an exporter does now and then for what was recorded: part of the price.
    fn upkeep(&self) {}
}

/// A pool that tasks share.
pub type Peer = Arc<dyn Pool>;

/// Returns pools of sqlx's connections, shortlease last.
///
/// # Panics
/// If the server cannot be reached.
pub async fn of_sqlx(url: String, connections: u32) -> Vec<Peer> {
    let sqlx = PgPoolOptions::new().max_connections(connections);
    let over = sqlx.clone().connect(&url).await.expect("the server is up");
    let tuned = sqlx.clone().test_before_acquire(false);
    let deadpool = deadpool::managed::Pool::builder(Connector { url: url.clone() });
    vec![
        Arc::new(Sqlx {
            name: "sqlx::Pool, defaults",
            pool: sqlx.connect(&url).await.expect("the server is up"),
        }),
        // There is no setting for the ping after a lease.
        Arc::new(Sqlx {
            name: "sqlx::Pool, tuned",
            pool: tuned.connect(&url).await.expect("the server is up"),
        }),
        Arc::new(Deadpool(deadpool.max_size(connections as usize).build().expect("a pool"))),
        Arc::new(Leased {
            name: "over sqlx::Pool",
            db: Db::builder_from_pool(over).connect().await.expect("the server is up"),
            recorder: None,
        }),
        Arc::new(Leased::connect(&url, connections, None).await),
    ]
}

/// `sqlx::Pool`: it pings before it lends, and after.
struct Sqlx {
    name: &'static str,
    pool: PgPool,
}

impl Pool for Sqlx {
    fn name(&self) -> &'static str {
        self.name
    }

    fn select_one(&self) -> BoxFuture<'_, i32> {
        Box::pin(async {
            let mut connection = self.pool.acquire().await.expect("a connection");
            query(&mut connection).await
        })
    }
}

/// deadpool that trusts every connection.
struct Deadpool(deadpool::managed::Pool<Connector>);

impl Pool for Deadpool {
    fn name(&self) -> &'static str {
        "bare deadpool"
    }

    fn select_one(&self) -> BoxFuture<'_, i32> {
        Box::pin(async {
            let mut connection = self.0.get().await.expect("a connection");
            query(&mut connection).await
        })
    }
}

/// shortlease, with its metrics recorded or not.
pub(super) struct Leased {
    name: &'static str,
    db: Db<Postgres>,
    recorder: Option<PrometheusHandle>,
}

impl Leased {
    pub(super) async fn connect(
        url: &str,
        connections: u32,
        recorder: Option<PrometheusHandle>,
    ) -> Self {
        let database = Db::builder(url).max_connections(connections);
        let name = if recorder.is_some() { "shortlease, recorded" } else { "shortlease" };
        Leased { name, db: database.connect().await.expect("the server is up"), recorder }
    }
}

impl Pool for Leased {
    fn name(&self) -> &'static str {
        self.name
    }

    fn select_one(&self) -> BoxFuture<'_, i32> {
        Box::pin(async { select_one(&mut self.db.session()).await.expect("an answer") })
    }

    fn upkeep(&self) {
        self.recorder.iter().for_each(PrometheusHandle::run_upkeep);
    }
}

async fn query(connection: &mut PgConnection) -> i32 {
    sqlx::query_scalar(STATEMENT).fetch_one(connection).await.expect("an answer")
}

#[handler]
async fn select_one(db: &mut Session<Postgres>) -> Result<i32, Error> {
    db.lease(async |conn| sqlx::query_scalar(STATEMENT).fetch_one(conn).await).await
}

struct Connector {
    url: String,
}

impl Manager for Connector {
    type Type = PgConnection;
    type Error = sqlx::Error;

    async fn create(&self) -> sqlx::Result<PgConnection> {
        PgConnection::connect(&self.url).await
    }

    async fn recycle(&self, _: &mut PgConnection, _: &Metrics) -> RecycleResult<sqlx::Error> {
        Ok(())
    }
}
