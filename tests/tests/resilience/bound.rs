//! One text, bound to values of two types on one connection.

use shortlease::{Db, Error, Pooler, Postgres, Session, handler};
use shortlease_tests::scratch::PostgresDatabase;

const SUM: &str = "SELECT $1 + 0";

#[handler]
async fn whole(db: &mut Session<Postgres>, n: i64) -> Result<i64, Error> {
    db.lease(async |conn| sqlx::query_scalar(SUM).bind(n).fetch_one(conn).await).await
}

#[handler]
async fn half(db: &mut Session<Postgres>, n: i32) -> Result<i32, Error> {
    db.lease(async |conn| sqlx::query_scalar(SUM).bind(n).fetch_one(conn).await).await
}

#[handler]
async fn real(db: &mut Session<Postgres>, n: f64) -> Result<f64, Error> {
    db.lease(async |conn| sqlx::query_scalar(SUM).bind(n).fetch_one(conn).await).await
}

/// Each statement is prepared for its own values.
#[tokio::test]
async fn without_names_each_is_right() {
    let database = PostgresDatabase::new().await;
    let builder = database.builder().max_connections(1).pooler(Pooler::Transaction);
    let db: Db<Postgres> = builder.connect_lazy().unwrap();
    for _ in 0..2 {
        assert_eq!(whole(&mut db.session(), 7).await.unwrap(), 7);
        assert_eq!(real(&mut db.session(), 1.5).await.unwrap(), 1.5);
        assert_eq!(half(&mut db.session(), 7).await.unwrap(), 7);
    }
}

/// `sqlx` keeps the statement by its text. The server refuses values of another width.
#[tokio::test]
async fn with_names_another_width_is_an_error() {
    let database = PostgresDatabase::new().await;
    let db = database.builder().max_connections(1).connect_lazy().unwrap();
    for _ in 0..2 {
        assert_eq!(whole(&mut db.session(), 7).await.unwrap(), 7);
        let error = half(&mut db.session(), 7).await.unwrap_err();
        let Error::Database(error) = error else { panic!("{error:?}") };
        let code = error.as_database_error().unwrap().code();
        // The value, or the result.
        assert!(code.is_none_or(|code| code == "22P03" || code == "08P01"), "{error:?}");
    }
}
