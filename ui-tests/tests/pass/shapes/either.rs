//! Helpers that run on a leased connection and on one of sqlx.
#![deny(warnings)]

use std::time::Duration;

use shortlease::{Conn, EitherConn, Error, Session, Sqlite, Tx, handler, leased};
use sqlx::{Connection, SqliteConnection};
use tokio::time::timeout;

#[leased]
async fn count(conn: &mut impl EitherConn<Sqlite>) -> sqlx::Result<i64> {
    sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(conn).await
}

/// Several statements, a helper in a helper, a block, and a value that no statement returns.
#[leased]
async fn add<C: EitherConn<Sqlite>>(conn: &mut C, url: &str) -> sqlx::Result<(i64, usize)> {
    let before = count(&mut *conn).await?;
    let add = sqlx::query("INSERT INTO tools (id, url, uses) VALUES ($1, $2, 0)");
    add.bind(before + 100).bind(url).execute(&mut *conn).await?;
    let mut urls = Vec::new();
    for id in [before + 100, -1] {
        let url = sqlx::query_scalar::<_, String>("SELECT url FROM tools WHERE id = $1").bind(id);
        urls.extend(url.fetch_optional(&mut *conn).await?);
    }
    let all = async { sqlx::query("SELECT url FROM tools").fetch_all(&mut *conn).await }.await?;
    assert_eq!(urls, [url]);
    Ok((count(conn).await?, all.len()))
}

/// In a box, as recursion needs it, and with a time limit around it.
#[leased]
async fn count_down<C: EitherConn<Sqlite>>(conn: &mut C, depth: u32) -> sqlx::Result<i64> {
    if depth > 0 {
        return Box::pin(count_down(conn, depth - 1)).await;
    }
    let counted = timeout(Duration::from_secs(60), count(conn)).await;
    counted.unwrap_or(Err(sqlx::Error::PoolTimedOut))
}

struct Urls;

#[leased]
impl Urls {
    async fn first<C>(&self, conn: &mut C) -> sqlx::Result<String>
    where
        C: EitherConn<Sqlite>,
    {
        sqlx::query_scalar("SELECT url FROM tools ORDER BY id").fetch_one(conn).await
    }
}

#[leased]
async fn on_conn(conn: &mut Conn<Sqlite>) -> sqlx::Result<i64> {
    count(conn).await
}

#[leased]
async fn on_tx(tx: &mut Tx<Sqlite>) -> sqlx::Result<i64> {
    Urls.first(&mut *tx).await?;
    assert_eq!(count_down(&mut *tx, 2).await?, count(&mut *tx).await?);
    count(tx).await
}

#[handler]
async fn leases(db: &mut Session<Sqlite>) -> Result<(i64, (i64, usize)), Error> {
    let before = db.lease(async |conn| on_conn(conn).await).await?;
    db.lease(async |conn| count(conn).await).await?;
    db.transaction(async |tx| on_tx(tx).await).await?;
    let added = db
        .transaction(async |tx| {
            let unchecked = tx.unchecked("a test", async |raw| count(raw).await).await?;
            assert_eq!(unchecked, count(&mut *tx).await?);
            add(tx, "http://c").await
        })
        .await?;
    Ok((before, added))
}

async fn not_converted(raw: &mut SqliteConnection) -> sqlx::Result<(i64, (i64, usize))> {
    let before = count(&mut *raw).await?;
    let mut tx = raw.begin().await?;
    Urls.first(&mut *tx).await?;
    let added = add(&mut *tx, "http://c").await?;
    tx.commit().await?;
    Ok((before, added))
}

fn is_send<T: Send>(value: T) -> T {
    value
}

#[tokio::test(flavor = "multi_thread")]
async fn runs() {
    let db = shortlease_ui_tests::db().await;
    assert_eq!(is_send(leases(&mut db.session())).await.unwrap(), (2, (3, 3)));
    let mut raw = SqliteConnection::connect("sqlite::memory:").await.unwrap();
    let tools = "CREATE TABLE tools (id INTEGER, url TEXT, uses INTEGER); INSERT INTO tools VALUES (1, 'http://a', 0)";
    sqlx::raw_sql(tools).execute(&mut raw).await.unwrap();
    assert_eq!(is_send(not_converted(&mut raw)).await.unwrap(), (1, (2, 2)));
}
