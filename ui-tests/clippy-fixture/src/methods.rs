//! Calls. `//~` marks the line of each, and names what clippy must say it is.
#![allow(clippy::disallowed_types)]

use shortlease::{Error, Session, Sqlite, handler};
use sqlx::AnyConnection;
use sqlx::pool::{PoolConnection, PoolOptions};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgListener, PgPool, PgPoolCopyExt};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqlitePoolOptions};
use sqlx::{Acquire, ConnectOptions, Connection, SqlitePool};

async fn from_a_pool(pool: &SqlitePool) -> sqlx::Result<()> {
    drop(pool.acquire().await?); //~ sqlx::Pool::acquire
    drop(pool.try_acquire()); //~ sqlx::Pool::try_acquire
    drop(pool.begin().await?); //~ sqlx::Pool::begin
    drop(pool.try_begin().await?); //~ sqlx::Pool::try_begin
    drop(pool.begin_with("BEGIN IMMEDIATE").await?); //~ sqlx::Pool::begin_with
    drop(pool.try_begin_with("BEGIN IMMEDIATE").await?); //~ sqlx::Pool::try_begin_with
    let acquire = SqlitePool::acquire; //~ sqlx::Pool::acquire
    drop(acquire(pool).await?);
    Ok(())
}

struct Server {
    pool: SqlitePool,
}

impl Server {
    /// In a handler too.
    #[handler(allow(SL006 = "to see what clippy says"))]
    async fn call(&self, db: &mut Session<Sqlite>) -> Result<(), Error> {
        let raw = self.pool.acquire().await?; //~ sqlx::Pool::acquire
        db.lease(async |conn| {
            sqlx::query("DELETE FROM calls").execute(conn).await?;
            drop(self.pool.try_acquire()); //~ sqlx::Pool::try_acquire
            Ok(())
        })
        .await?;
        drop(raw);
        Ok(())
    }
}

/// Where a macro hides it from `#[handler]`.
macro_rules! take {
    ($pool:expr) => {
        $pool.acquire().await? //~ sqlx::Pool::acquire
    };
}

async fn in_a_macro(pool: &SqlitePool) -> sqlx::Result<()> {
    drop(take!(pool));
    Ok(())
}

async fn pools() -> sqlx::Result<()> {
    drop(PgPool::connect("").await?); //~ sqlx::Pool::connect
    drop(PgPool::connect_with(PgConnectOptions::new()).await?); //~ sqlx::Pool::connect_with
    drop(PgPool::connect_lazy("")?); //~ sqlx::Pool::connect_lazy
    drop(PgPool::connect_lazy_with(PgConnectOptions::new())); //~ sqlx::Pool::connect_lazy_with
    let options = SqliteConnectOptions::new();
    drop(SqlitePoolOptions::new().connect("").await?); //~ sqlx::pool::PoolOptions::connect
    drop(SqlitePoolOptions::new().connect_with(options.clone()).await?); //~ sqlx::pool::PoolOptions::connect_with
    drop(PoolOptions::<Sqlite>::new().connect_lazy("")?); //~ sqlx::pool::PoolOptions::connect_lazy
    drop(PoolOptions::<Sqlite>::new().connect_lazy_with(options)); //~ sqlx::pool::PoolOptions::connect_lazy_with
    Ok(())
}

async fn connections() -> sqlx::Result<()> {
    drop(PgConnection::connect("").await?); //~ sqlx::Connection::connect
    drop(AnyConnection::connect("").await?); //~ sqlx::Connection::connect
    drop(SqliteConnection::connect_with(&SqliteConnectOptions::new()).await?); //~ sqlx::Connection::connect_with
    let mut raw = SqliteConnectOptions::new().connect().await?; //~ sqlx::ConnectOptions::connect
    drop(Connection::begin(&mut raw).await?); //~ sqlx::Connection::begin
    drop(raw.begin_with("BEGIN IMMEDIATE").await?); //~ sqlx::Connection::begin_with
    raw.transaction(|_| Box::pin(async { Ok::<_, sqlx::Error>(()) })).await?; //~ sqlx::Connection::transaction
    Ok(())
}

async fn generic<'c, A: Acquire<'c> + Copy>(source: A) -> sqlx::Result<()> {
    drop(source.acquire().await?); //~ sqlx::Acquire::acquire
    drop(source.begin().await?); //~ sqlx::Acquire::begin
    Ok(())
}

fn taken_out(one: PoolConnection<Sqlite>, other: PoolConnection<Sqlite>) {
    drop(one.detach()); //~ sqlx::pool::PoolConnection::detach
    drop(other.leak()); //~ sqlx::pool::PoolConnection::leak
}

async fn postgres(pool: &PgPool) -> sqlx::Result<()> {
    drop(PgListener::connect("").await?); //~ sqlx::postgres::PgListener::connect
    drop(PgListener::connect_with(pool).await?); //~ sqlx::postgres::PgListener::connect_with
    drop(pool.copy_in_raw("COPY t FROM STDIN").await?); //~ sqlx::postgres::PgPoolCopyExt::copy_in_raw
    drop(pool.copy_out_raw("COPY t TO STDOUT").await?); //~ sqlx::postgres::PgPoolCopyExt::copy_out_raw
    Ok(())
}

async fn with_a_reason() -> sqlx::Result<()> {
    #[expect(clippy::disallowed_methods, reason = "one connection, for the test of this")]
    drop(PgConnection::connect("").await?);
    Ok(())
}
