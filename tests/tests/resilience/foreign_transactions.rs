//! Leases over a pool of `sqlx` whose connections others have left in a transaction.

use shortlease::{Db, Error, Postgres, Session, Sqlite, handler};
use shortlease_tests::scratch::{PostgresDatabase, SqliteFile};
use shortlease_tests::wait;
use sqlx::Executor;
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::SqlitePoolOptions;

#[handler]
async fn note(db: &mut Session<Postgres>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("INSERT INTO notes VALUES (2)").execute(conn).await?;
        Ok(())
    })
    .await
}

#[handler]
async fn note_in_sqlite(db: &mut Session<Sqlite>, fails: bool) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("INSERT INTO notes VALUES (2)").execute(conn).await?;
        match fails {
            true => Err(Error::Closed),
            false => Ok(()),
        }
    })
    .await
}

#[tokio::test]
async fn a_lease_never_runs_in_one() {
    let database = PostgresDatabase::new().await;
    for left in ["BEGIN; INSERT INTO notes VALUES (1)", "BEGIN; SELECT no_such"] {
        let pool = PgPoolOptions::new().max_connections(1).connect(&database.url()).await.unwrap();
        sqlx::raw_sql("DROP TABLE IF EXISTS notes; CREATE TABLE notes (n int)")
            .execute(&pool)
            .await
            .unwrap();
        let mut poisoned = pool.acquire().await.unwrap();
        let _ = sqlx::raw_sql(sqlx::AssertSqlSafe(left)).execute(&mut *poisoned).await;
        drop(poisoned);
        let db = Db::builder_from_pool(pool).connect_lazy().unwrap();
        note(&mut db.session()).await.unwrap();
        let notes: Vec<i32> =
            db.session().fetch_all(sqlx::query_scalar("SELECT n FROM notes")).await.unwrap();
        assert_eq!(notes, [2], "{left}");
        assert!(!database.in_transaction().await);
    }
}

#[tokio::test]
async fn a_pool_whose_connections_all_come_in_one_is_refused() {
    let database = PostgresDatabase::new().await;
    let pool = PgPoolOptions::new()
        .max_connections(2)
        .after_connect(|conn, _| Box::pin(async move { conn.execute("BEGIN").await.map(drop) }));
    let pool = pool.connect(&database.url()).await.unwrap();
    let db = Db::builder_from_pool(pool).acquire_timeout(wait::LIMIT).connect_lazy().unwrap();
    for _ in 0..2 {
        let error = note(&mut db.session()).await.unwrap_err();
        assert!(matches!(error, Error::Setting { setting: "after_connect", .. }), "{error:?}");
    }
}

#[tokio::test]
async fn nor_on_sqlite() {
    for fails in [false, true] {
        let file = SqliteFile::new();
        let pool = SqlitePoolOptions::new().max_connections(1).connect(&file.url()).await.unwrap();
        sqlx::raw_sql("CREATE TABLE notes (n INTEGER)").execute(&pool).await.unwrap();
        let mut poisoned = pool.acquire().await.unwrap();
        sqlx::raw_sql("BEGIN; INSERT INTO notes VALUES (1)").execute(&mut *poisoned).await.unwrap();
        drop(poisoned);
        let db = Db::builder_from_pool(pool).connect_lazy().unwrap();
        let noted = note_in_sqlite(&mut db.session(), fails).await;
        assert_eq!(noted.is_err(), fails, "{noted:?}");
        let notes: Vec<i32> =
            db.session().fetch_all(sqlx::query_scalar("SELECT n FROM notes")).await.unwrap();
        assert_eq!(notes, [2]);
        assert!(!file.in_transaction().await);
    }
}
