//! Leases per second of shortlease, and of what a user would pick instead: tokio-postgres in deadpool and bb8, sea-orm,
//! diesel-async. Each pool has its defaults, but for its size.

use std::sync::Arc;
use std::time::Duration;

use bb8_postgres::PostgresConnectionManager;
use deadpool_postgres::{Manager, ManagerConfig, RecyclingMethod};
use diesel::IntoSql;
use diesel::sql_types::Integer;
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, deadpool};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use futures_util::future::BoxFuture;
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement,
};
use shortlease_bench::lease::{Peer, Pool, STATEMENT, Size, of_sqlx, run};
use tokio_postgres::NoTls;

#[tokio::main]
async fn main() {
    let size = Size { connections: 8, tasks: 64, round: Duration::from_millis(200), rounds: 45 };
    let delays = [0, 500, 2000].map(Duration::from_micros);
    println!("{}", run(size, &delays, all).await);
}

async fn all(url: String, connections: u32) -> Vec<Peer> {
    let config: tokio_postgres::Config = url.parse().expect("a URL");
    let trust = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = Manager::from_config(config.clone(), NoTls, trust);
    let deadpool_postgres =
        deadpool_postgres::Pool::builder(manager).max_size(connections as usize);
    let bb8 = bb8::Pool::builder().max_size(connections);
    let manager = AsyncDieselConnectionManager::new(&url);
    let diesel = deadpool::Pool::builder(manager).max_size(connections as usize);
    let mut sea = ConnectOptions::new(&url);
    sea.max_connections(connections).sqlx_logging(false);
    let mut pools: Vec<Peer> = vec![
        Arc::new(Deadpool(deadpool_postgres.build().expect("a pool"))),
        Arc::new(Bb8(bb8
            .build(PostgresConnectionManager::new(config, NoTls))
            .await
            .expect("a pool"))),
        Arc::new(SeaOrm(Database::connect(sea).await.expect("the server is up"))),
        Arc::new(Diesel(diesel.build().expect("a pool"))),
    ];
    pools.extend(of_sqlx(url, connections).await.pop());
    pools
}

struct Deadpool(deadpool_postgres::Pool);

impl Pool for Deadpool {
    fn name(&self) -> &'static str {
        "deadpool-postgres"
    }

    fn select_one(&self) -> BoxFuture<'_, i32> {
        Box::pin(async {
            let client = self.0.get().await.expect("a connection");
            let statement = client.prepare_cached(STATEMENT).await.expect("a statement");
            client.query_one(&statement, &[]).await.expect("an answer").get(0)
        })
    }
}

struct Bb8(bb8::Pool<PostgresConnectionManager<NoTls>>);

impl Pool for Bb8 {
    fn name(&self) -> &'static str {
        "bb8-postgres"
    }

    /// It keeps no prepared statements, so this one is parsed each time, in the round trip that runs it.
    fn select_one(&self) -> BoxFuture<'_, i32> {
        Box::pin(async {
            let client = self.0.get().await.expect("a connection");
            client.query_typed(STATEMENT, &[]).await.expect("an answer")[0].get(0)
        })
    }
}

struct SeaOrm(DatabaseConnection);

impl Pool for SeaOrm {
    fn name(&self) -> &'static str {
        "sea-orm"
    }

    fn select_one(&self) -> BoxFuture<'_, i32> {
        Box::pin(async {
            let statement = Statement::from_string(DbBackend::Postgres, STATEMENT);
            let row = self.0.query_one_raw(statement).await.expect("an answer").expect("a row");
            row.try_get_by_index(0).expect("a number")
        })
    }
}

struct Diesel(deadpool::Pool<AsyncPgConnection>);

impl Pool for Diesel {
    fn name(&self) -> &'static str {
        "diesel-async"
    }

    fn select_one(&self) -> BoxFuture<'_, i32> {
        Box::pin(async {
            let mut connection = self.0.get().await.expect("a connection");
            let one = diesel::select(1.into_sql::<Integer>());
            one.get_result(&mut connection).await.expect("an answer")
        })
    }
}
