//! The ways out, each with its reason, each needed.

use std::time::Duration;

use shortlease::{Conn, Error, Session, Sqlite, handler, leased};
use tokio::sync::Semaphore;

#[handler(allow(SL004 = "1 ms, to show that it compiles"))]
async fn blocks(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    db.lease(async |conn| {
        std::thread::sleep(Duration::from_millis(1));
        count(conn).await
    })
    .await
}

#[leased(allow(SL005 = "one statement on: the next leaseholder sets it again"))]
async fn count(conn: &mut Conn<Sqlite>) -> Result<i64, sqlx::Error> {
    sqlx::query("PRAGMA cache_size = -2000").execute(&mut *conn).await?;
    sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(conn).await
}

#[handler(allow(SL006 = "a semaphore's permit, not a connection"))]
async fn limited(db: &mut Session<Sqlite>, backend: &Semaphore) -> Result<i64, Error> {
    let _permit = backend.acquire().await.map_err(|_| Error::Closed)?;
    db.fetch_one(sqlx::query_scalar("SELECT count(*) FROM tools")).await
}

macro_rules! rows {
    ($query:expr, $conn:expr) => {
        sqlx::query_scalar::<_, i64>($query).fetch_one($conn).await
    };
}

#[handler(trust(rows))]
async fn trusted(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    db.lease(async |conn| Ok(rows!("SELECT count(*) FROM tools", conn)?)).await
}

#[tokio::test]
async fn runs() {
    let db = shortlease_ui_tests::db().await;
    let mut session = db.session();
    assert_eq!(blocks(&mut session).await.unwrap(), 2);
    assert_eq!(limited(&mut session, &Semaphore::new(1)).await.unwrap(), 2);
    assert_eq!(trusted(&mut session).await.unwrap(), 2);
}
