//! Our attributes beside those that make a function a test.

use shortlease::{Db, Session, Sqlite, handler};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};

async fn numbers() -> Db<Sqlite> {
    let db = Db::<Sqlite>::connect("sqlite::memory:").await.unwrap();
    db.session().execute(sqlx::raw_sql("CREATE TABLE numbers (n INTEGER)")).await.unwrap();
    db
}

#[handler]
async fn add(db: &mut Session<Sqlite>, n: i64) -> Result<i64, shortlease::Error> {
    db.transaction(async |tx| {
        sqlx::query("INSERT INTO numbers VALUES ($1)").bind(n).execute(tx).await?;
        sqlx::query_scalar("SELECT sum(n) FROM numbers").fetch_one(tx).await
    })
    .await
}

/// Builds a statement, of which only its verb says for which database it is.
macro_rules! insert {
    ($n:expr) => {
        sqlx::query("INSERT INTO numbers VALUES ($1)").bind($n)
    };
}

#[handler]
#[tokio::test]
async fn a_macro_that_builds_a_statement_for_any_database() {
    let db = numbers().await;
    let mut session = db.session();
    session
        .lease(async |conn| {
            insert!(1).execute(&mut *conn).await?;
            insert!(2).persistent(false).execute(conn).await?;
            Ok(())
        })
        .await
        .unwrap();
    assert_eq!(add(&mut session, 3).await.unwrap(), 6);
}

#[handler]
#[tokio::test]
async fn above_tokio_test() {
    let db = numbers().await;
    let mut session = db.session();
    let one: i64 = session
        .lease(async |conn| sqlx::query_scalar("SELECT 1").fetch_one(conn).await)
        .await
        .unwrap();
    tokio::task::yield_now().await;
    assert_eq!(add(&mut session, one).await.unwrap(), 1);
}

#[tokio::test]
#[handler]
async fn below_tokio_test() -> Result<(), shortlease::Error> {
    let db = numbers().await;
    let sum: i64 = db
        .session()
        .transaction(async |tx| {
            sqlx::query("INSERT INTO numbers VALUES (2)").execute(tx).await?;
            sqlx::query_scalar("SELECT sum(n) FROM numbers").fetch_one(tx).await
        })
        .await?;
    assert_eq!(sum, 2);
    Ok(())
}

#[handler]
#[sqlx::test]
async fn above_sqlx_test(_: SqlitePoolOptions, options: SqliteConnectOptions) {
    let db = Db::builder_with(options).connect().await.unwrap();
    db.session().execute(sqlx::raw_sql("CREATE TABLE numbers (n INTEGER)")).await.unwrap();
    let three: i64 = db
        .session()
        .lease(async |conn| sqlx::query_scalar("SELECT 3").fetch_one(conn).await)
        .await
        .unwrap();
    assert_eq!(add(&mut db.session(), three).await.unwrap(), 3);
}

#[sqlx::test]
#[handler]
async fn below_sqlx_test(
    _: SqlitePoolOptions,
    options: SqliteConnectOptions,
) -> Result<(), shortlease::Error> {
    let db = Db::builder_with(options).connect().await.unwrap();
    let four: i64 = db
        .session()
        .lease(async |conn| sqlx::query_scalar("SELECT 4").fetch_one(conn).await)
        .await?;
    assert_eq!(four, 4);
    Ok(())
}
