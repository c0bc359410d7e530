//! Handlers whose error type is another crate's: the leases end in `shortlease::Error`, or in an error that the attribute
//! names.

use axum::http::StatusCode;
use shortlease::{Db, Error, Session, Sqlite, handler};

#[handler]
async fn converted(db: &mut Session<Sqlite>, id: i64) -> Result<String, (StatusCode, String)> {
    db.lease(async |conn| {
        sqlx::query_scalar("SELECT url FROM tools WHERE id = $1").bind(id).fetch_one(conn).await
    })
    .await
    .map_err(|error| match error {
        Error::Database(sqlx::Error::RowNotFound) => (StatusCode::NOT_FOUND, format!("no tool {id}")),
        other => (StatusCode::SERVICE_UNAVAILABLE, other.to_string()),
    })
}

#[handler(error = Error)]
async fn named(db: &mut Session<Sqlite>) -> Result<i64, String> {
    let count: Result<i64, Error> = db
        .lease(async |conn| sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(conn).await)
        .await;
    count.map_err(|error| error.to_string())
}

#[tokio::test]
async fn runs() {
    let db: Db<Sqlite> = shortlease_ui_tests::db().await;
    let mut session = db.session();
    assert_eq!(converted(&mut session, 1).await.unwrap(), "http://one");
    assert_eq!(converted(&mut session, 9).await.unwrap_err().0, StatusCode::NOT_FOUND);
    assert_eq!(named(&mut session).await.unwrap(), 2);
}
