//! Settings of each connection.

use std::time::Duration;

use shortlease::{Builder, Db, Error, Postgres, Session, handler};
use shortlease_tests::proxy::Proxy;
use shortlease_tests::scratch::PostgresDatabase;
use shortlease_tests::wait;
use sqlx::postgres::{PgPoolOptions, PgQueryResult};
use sqlx::{PgConnection, PgPool};
use tokio::time::timeout;

use super::events::Told;

const SHOWN: &str = "SELECT concat_ws(' ', current_setting('lock_timeout'),
    current_setting('statement_timeout'), current_setting('app.name'))";

fn with_settings(builder: Builder<Postgres>) -> Builder<Postgres> {
    let builder = builder.max_connections(1).statement_timeout(Duration::from_secs(7));
    builder.setting("lock_timeout", "1234ms").setting("app.name", r"O'Neil \ son")
}

async fn shown(db: &Db<Postgres>) -> String {
    db.session().fetch_one(sqlx::query_scalar(SHOWN)).await.unwrap()
}

async fn set_others(raw: &mut PgConnection) -> sqlx::Result<PgQueryResult> {
    sqlx::raw_sql("SET lock_timeout TO 1; SET app.name TO 'x'").execute(raw).await
}

/// Sets something else, and has its session reset.
#[handler]
async fn unsettle(db: &mut Session<Postgres>) -> Result<(), Error> {
    db.lease(async |conn| Ok(conn.unchecked("a test", set_others).await?)).await?;
    Ok(())
}

#[tokio::test]
async fn they_are_there_from_the_start_and_after_a_reset() {
    let database = PostgresDatabase::new().await;
    let db = with_settings(Db::builder(database.url())).connect().await.unwrap();
    assert_eq!(shown(&db).await, r"1234ms 7s O'Neil \ son");
    unsettle(&mut db.session()).await.unwrap();
    assert_eq!(shown(&db).await, r"1234ms 7s O'Neil \ son");
    let mut dedicated = db.dedicated("a test").await.unwrap();
    let own = dedicated
        .run(async |raw| sqlx::query_scalar::<_, String>("SHOW lock_timeout").fetch_one(raw).await);
    assert_eq!(own.await.unwrap().unwrap(), "1234ms");
}

#[tokio::test]
async fn over_a_pool_of_sqlx_they_are_those_of_a_transaction() {
    let database = PostgresDatabase::new().await;
    let pool = PgPool::connect(&database.url()).await.unwrap();
    let db = with_settings(Db::builder_from_pool(pool.clone())).connect().await.unwrap();
    assert_eq!(shown(&db).await, r"1234ms 7s O'Neil \ son");
    let others: String = sqlx::query_scalar("SHOW lock_timeout").fetch_one(&pool).await.unwrap();
    assert_eq!(others, "0");
}

#[tokio::test]
async fn none_takes_a_tenant_to_another_schema() {
    let database = PostgresDatabase::new().await;
    let pool = PgPool::connect(&database.url()).await.unwrap();
    for builder in [Db::builder(database.url()), Db::builder_from_pool(pool)] {
        let db = builder.setting("search_path", "others").connect().await.unwrap();
        let path = || sqlx::query_scalar::<_, String>("SHOW search_path");
        assert_eq!(db.session().fetch_one(path()).await.unwrap(), "others");
        assert_eq!(db.session().tenant("acme").fetch_one(path()).await.unwrap(), "acme");
    }
}

#[tokio::test]
async fn the_shorter_time_limit_counts() {
    let database = PostgresDatabase::new().await;
    let db = with_settings(Db::builder(database.url())).setting("statement_timeout", "5s");
    assert_eq!(shown(&db.connect().await.unwrap()).await, r"1234ms 5s O'Neil \ son");
}

const SECRET: &str = "hunter2";

fn one() -> sqlx::query::QueryScalar<'static, Postgres, i32, sqlx::postgres::PgArguments> {
    sqlx::query_scalar("SELECT 1")
}

/// `sqlx` logs a statement at its end, and one that is dropped too.
#[tokio::test]
async fn their_values_are_not_logged() {
    let (told, _listening) = Told::listen();
    let database = PostgresDatabase::new().await;
    let proxy = Proxy::start(database.server().address());
    let url = proxy.url(&database.url());
    let pool = PgPoolOptions::new().test_before_acquire(false).connect_lazy(&url).unwrap();
    let own = Db::builder(url).connect().await.unwrap();
    let lent = Db::builder_from_pool(pool).setting("app.key", SECRET).connect().await.unwrap();
    for (db, names) in [(&own, &["app.token"][..]), (&lent, &[])] {
        let with_secret = |session: Session<Postgres>, name: &&str| session.setting(*name, SECRET);
        let session = || names.iter().fold(db.session(), with_secret);
        session().fetch_one(one()).await.unwrap();
        proxy.pause();
        let mut dropped = session();
        assert!(timeout(Duration::from_millis(100), dropped.fetch_one(one())).await.is_err());
        proxy.resume();
        drop(dropped);
        wait::until("the recovery", async || db.status().recovering == 0).await;
    }
    // The other statements are.
    assert!(told.has("SELECT 1"));
    assert!(!told.has(SECRET));
}

#[tokio::test]
async fn a_list_is_one_in_each_mode() {
    let database = PostgresDatabase::new().await;
    let pool = PgPool::connect(&database.url()).await.unwrap();
    let path = || sqlx::query_scalar::<_, String>("SHOW search_path");
    for builder in [Db::builder(database.url()), Db::builder_from_pool(pool)] {
        let db = builder.setting("search_path", "app, public").connect().await.unwrap();
        assert_eq!(db.session().fetch_one(path()).await.unwrap(), "app, public");
        let mut session = db.session().setting("search_path", "\"$user\", other");
        assert_eq!(session.fetch_one(path()).await.unwrap(), "\"$user\", other");
    }
}

#[tokio::test]
async fn a_name_that_cannot_be_one_is_refused() {
    let database = PostgresDatabase::new().await;
    let builder = Db::<Postgres>::builder(database.url()).setting("a b", SECRET);
    assert!(!format!("{builder:?}").contains(SECRET));
    let error = builder.connect_lazy().unwrap_err();
    assert!(matches!(error, Error::Setting { setting: "setting", .. }), "{error}");
    assert!(!error.to_string().contains(SECRET));
    let named = Db::<Postgres>::builder(database.url()).application_name("to\0ols");
    let error = named.connect_lazy().unwrap_err();
    assert!(matches!(error, Error::Setting { setting: "application_name", .. }), "{error}");
}
