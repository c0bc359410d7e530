//! The pools, each with one way to lease a connection for one statement.

use deadpool::managed::{Manager, Metrics, Pool, RecycleResult};
use metrics_exporter_prometheus::PrometheusHandle;
use shortlease::{Db, Error, Postgres, Session, handler};
use sqlx::postgres::PgPoolOptions;
use sqlx::{Connection, PgConnection, PgPool};

const STATEMENT: &str = "SELECT 1";

#[derive(Clone)]
pub(super) enum Peer {
    /// `sqlx::Pool` as it comes: it pings before it lends, and after.
    Sqlx(PgPool),
    /// `sqlx::Pool` without the ping before; there is no setting for the one after.
    SqlxTuned(PgPool),
    /// deadpool that trusts every connection.
    Deadpool(Pool<Connector>),
    /// shortlease over `sqlx::Pool` as it comes.
    Over(Db<Postgres>),
    Shortlease(Db<Postgres>),
    /// With its metrics recorded.
    Recorded(Db<Postgres>, PrometheusHandle),
}

impl Peer {
    /// All of them, shortlease last.
    pub(super) async fn all(url: &str, connections: u32) -> [Peer; 5] {
        let sqlx = PgPoolOptions::new().max_connections(connections);
        let over = sqlx.clone().connect(url).await.expect("the server is up");
        let tuned = sqlx.clone().test_before_acquire(false);
        let deadpool = Pool::builder(Connector { url: url.to_owned() });
        [
            Peer::Sqlx(sqlx.connect(url).await.expect("the server is up")),
            Peer::SqlxTuned(tuned.connect(url).await.expect("the server is up")),
            Peer::Deadpool(deadpool.max_size(connections as usize).build().expect("a pool")),
            Peer::Over(Db::builder_from_pool(over).connect().await.expect("the server is up")),
            Peer::Shortlease(database(url, connections).await),
        ]
    }

    pub(super) fn name(&self) -> &'static str {
        match self {
            Peer::Sqlx(_) => "sqlx::Pool, defaults",
            Peer::SqlxTuned(_) => "sqlx::Pool, tuned",
            Peer::Deadpool(_) => "bare deadpool",
            Peer::Over(_) => "over sqlx::Pool",
            Peer::Shortlease(_) => "shortlease",
            Peer::Recorded(..) => "shortlease, recorded",
        }
    }

    /// One lease.
    ///
    /// # Panics
    /// Where it fails.
    pub(super) async fn select_one(&self) {
        let one = match self {
            Peer::Sqlx(pool) | Peer::SqlxTuned(pool) => {
                let mut connection = pool.acquire().await.expect("a connection");
                query(&mut connection).await
            }
            Peer::Deadpool(pool) => {
                let mut connection = pool.get().await.expect("a connection");
                query(&mut connection).await
            }
            Peer::Over(db) | Peer::Shortlease(db) | Peer::Recorded(db, _) => {
                select_one(&mut db.session()).await.expect("an answer")
            }
        };
        assert_eq!(one, 1);
    }

    /// What an exporter does now and then for what was recorded: part of the price.
    pub(super) fn upkeep(&self) {
        if let Peer::Recorded(_, recorder) = self {
            recorder.run_upkeep();
        }
    }
}

pub(super) async fn database(url: &str, connections: u32) -> Db<Postgres> {
    let database = Db::builder(url).max_connections(connections as usize);
    database.connect().await.expect("the server is up")
}

async fn query(connection: &mut PgConnection) -> i32 {
    sqlx::query_scalar(STATEMENT).fetch_one(connection).await.expect("an answer")
}

#[handler]
async fn select_one(db: &mut Session<Postgres>) -> Result<i32, Error> {
    db.lease(async |conn| sqlx::query_scalar(STATEMENT).fetch_one(conn).await).await
}

pub(super) struct Connector {
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
