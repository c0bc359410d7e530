//! tracing's `#[instrument]` above and below both attributes.

use shortlease::{Conn, Db, Session, Sqlite, handler, leased};
use tracing::instrument;

#[instrument(skip(db))]
#[handler]
async fn above(db: &mut Session<Sqlite>, n: i64) -> Result<i64, shortlease::Error> {
    db.lease(async |conn| leased_above(conn, n).await).await
}

#[handler]
#[instrument(skip_all, err)]
async fn below(db: &mut Session<Sqlite>, n: i64) -> Result<i64, shortlease::Error> {
    db.lease(async |conn| leased_below(conn, n).await).await
}

#[instrument(skip(conn))]
#[leased]
async fn leased_above(conn: &mut Conn<Sqlite>, n: i64) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT $1 + 1").bind(n).fetch_one(conn).await
}

// Below, it sees a plain function that returns a future, and times the call, not the wait.
#[leased]
#[instrument(skip(conn))]
async fn leased_below(conn: &mut Conn<Sqlite>, n: i64) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT $1 + 2").bind(n).fetch_one(conn).await
}

#[tokio::test]
async fn runs() {
    let db = Db::<Sqlite>::connect("sqlite::memory:").await.unwrap();
    assert_eq!(above(&mut db.session(), 1).await.unwrap(), 2);
    assert_eq!(below(&mut db.session(), 1).await.unwrap(), 3);
}
