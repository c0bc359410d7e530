//! Leases on MariaDB and MySQL over a pool of `sqlx`, and the pool's other users.

use shortlease::{Db, Error, MySql, Session, handler};
use shortlease_tests::mysql::Flavor;
use shortlease_tests::scratch::MySqlDatabase;
use shortlease_tests::wait;
use sqlx::Executor;
use sqlx::mysql::MySqlPoolOptions;

#[handler]
async fn write(db: &mut Session<MySql>) -> Result<i64, Error> {
    db.transaction(async |tx| {
        sqlx::query("INSERT INTO notes VALUES (1)").execute(&mut *tx).await?;
        sqlx::query_scalar("SELECT count(*) FROM notes").fetch_one(tx).await
    })
    .await
}

#[tokio::test]
async fn a_transaction_that_another_user_left_open_is_not_committed() {
    let database = MySqlDatabase::new().await;
    let pool = MySqlPoolOptions::new().max_connections(2).connect(&database.url()).await.unwrap();
    pool.execute("CREATE TABLE notes (n INT)").await.unwrap();
    let db = Db::builder_from_pool(pool.clone()).max_connections(1).connect().await.unwrap();
    {
        let mut left = pool.acquire().await.unwrap();
        left.execute("START TRANSACTION; INSERT INTO notes VALUES (2)").await.unwrap();
    }
    assert_eq!(write(&mut db.session()).await.unwrap(), 1);
    assert_eq!(write(&mut db.session()).await.unwrap(), 2);
    let count = format!("SELECT count(*) FROM {}.notes WHERE n = 2", database.name());
    assert_eq!(database.server().number(count).await, 0);
}

/// Each connection of the pool is in a transaction that nobody commits.
#[tokio::test]
async fn a_pool_without_autocommit_is_refused() {
    let database = MySqlDatabase::new().await;
    let pool = MySqlPoolOptions::new().max_connections(2).after_connect(|conn, _| {
        Box::pin(async move { conn.execute("SET autocommit = 0").await.map(drop) })
    });
    let pool = pool.connect(&database.url()).await.unwrap();
    let db = Db::builder_from_pool(pool).acquire_timeout(wait::LIMIT).connect().await.unwrap();
    for _ in 0..2 {
        let error = write(&mut db.session()).await.unwrap_err();
        assert!(matches!(error, Error::Setting { setting: "after_connect", .. }), "{error:?}");
        assert!(error.to_string().contains("`autocommit` off"), "{error}");
    }
}

#[tokio::test]
async fn its_settings_stay_those_of_the_pool() {
    let database = MySqlDatabase::new().await;
    let pool = MySqlPoolOptions::new().max_connections(1).connect(&database.url()).await.unwrap();
    let variable = match Flavor::of_this_run() {
        Flavor::MariaDb => "SELECT @@max_statement_time",
        Flavor::MySql(_) => "SELECT CAST(@@max_execution_time AS DOUBLE)",
    };
    let limit = || sqlx::query_scalar::<_, f64>(variable);
    let before = limit().fetch_one(&pool).await.unwrap();
    let db = Db::builder_from_pool(pool.clone()).max_connections(1).connect().await.unwrap();
    db.session().execute(sqlx::query("SELECT 1")).await.unwrap();
    assert_eq!(limit().fetch_one(&pool).await.unwrap(), before);
}
