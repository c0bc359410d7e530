//! On PostgreSQL, alone and under `#[sqlx::test]`.

use std::process::Command;

use shortlease::{Db, Error, Pooler, Session, handler};
use shortlease_tests::scratch::PostgresDatabase;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection, PgConnection, PgPool};

#[path = "suite.rs"]
mod suite;

type Database = shortlease::Postgres;

const FOR_EVER: &str = "SELECT count(*) FROM generate_series(1, 1000000000000) n WHERE n < 0";

type Scratch = PostgresDatabase;

async fn scratch() -> Scratch {
    PostgresDatabase::new().await
}

async fn outside(url: &str) -> PgConnection {
    PgConnection::connect(url).await.unwrap()
}

async fn pool(url: &str) -> PgPool {
    PgPoolOptions::new().max_connections(2).connect(url).await.unwrap()
}

#[tokio::test]
async fn poolers_and_tenants_are_refused() {
    let scratch = scratch().await;
    let builder = scratch.builder().test_transaction();
    let refused = builder.pooler(Pooler::Transaction).connect_lazy().unwrap_err().to_string();
    assert!(
        refused.contains("setting `test_transaction`") && refused.contains("`pooler`"),
        "{refused}"
    );
    let db = scratch.builder().test_transaction().connect_lazy().unwrap();
    for session in [db.session().tenant("acme"), db.session().setting("app.user", "7")] {
        let mut session = session;
        let refused = session.execute(sqlx::query("SELECT 1")).await.unwrap_err().to_string();
        assert!(refused.contains("setting `test_transaction`"), "{refused}");
    }
    db.session().execute(sqlx::query("SELECT 1")).await.unwrap();
}

#[tokio::test]
async fn a_test_may_take_its_time_and_a_statement_not() {
    let scratch = scratch().await;
    let db = scratch.builder().test_transaction().connect_lazy().unwrap();
    let limits = sqlx::query_scalar::<_, String>(
        "SELECT current_setting('statement_timeout') || ' '
         || current_setting('idle_in_transaction_session_timeout')",
    );
    assert_eq!(db.session().fetch_one(limits).await.unwrap(), "11s 0");
}

#[tokio::test]
async fn a_stale_plan_ends_no_test() {
    let scratch = scratch().await;
    let db = scratch.builder().test_transaction().connect_lazy().unwrap();
    let mut session = db.session();
    let run = async |session: &mut Session<Database>, sql| session.execute(sqlx::query(sql)).await;
    run(&mut session, "CREATE TABLE plans (a int)").await.unwrap();
    run(&mut session, "SELECT * FROM plans").await.unwrap();
    run(&mut session, "ALTER TABLE plans ADD b int").await.unwrap();
    let Err(Error::Database(stale)) = run(&mut session, "SELECT * FROM plans").await else {
        panic!("the plan still fits");
    };
    assert_eq!(stale.as_database_error().unwrap().code().as_deref(), Some("0A000"));
    run(&mut session, "SELECT b FROM plans").await.unwrap();
}

const ORPHAN: &str = "INSERT INTO calls VALUES (99, 'orphan')";

#[handler]
async fn add_orphan(db: &mut Session<Database>) -> Result<(), Error> {
    db.transaction(async |tx| {
        sqlx::query(ORPHAN).execute(tx).await?;
        Ok(())
    })
    .await
}

#[handler]
async fn add_orphan_and_its_parent(db: &mut Session<Database>) -> Result<(), Error> {
    db.transaction(async |tx| {
        sqlx::query(ORPHAN).execute(tx).await?;
        sqlx::query("INSERT INTO tools VALUES (99, 'late', 0)").execute(tx).await?;
        Ok(())
    })
    .await
}

/// There is no such tool, which only COMMIT looks at.
#[tokio::test]
async fn what_a_commit_checks_is_checked() {
    fn violates(error: Error) {
        let Error::Database(sqlx::Error::Database(error)) = error else { panic!("{error:?}") };
        assert!(error.is_foreign_key_violation(), "{error:?}");
    }
    let scratch = scratch().await;
    let db = scratch.builder().test_transaction().connect_lazy().unwrap();
    db.migrate(&sqlx::migrate!()).await.unwrap();
    let mut session = db.session();
    for _ in 0..2 {
        violates(add_orphan(&mut session).await.unwrap_err());
        violates(session.execute(sqlx::query(ORPHAN)).await.unwrap_err());
    }
    add_orphan_and_its_parent(&mut session).await.unwrap();
    let calls = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM calls");
    assert_eq!(session.fetch_one(calls).await.unwrap(), 1);
    let parentless = session.execute(sqlx::query("DELETE FROM tools")).await;
    violates(parentless.unwrap_err());
}

#[handler]
async fn add(db: &mut Session<Database>, n: i64) -> Result<i64, Error> {
    db.transaction(async |tx| {
        sqlx::query("INSERT INTO calls VALUES ($1, 'sqlx')").bind(n).execute(tx).await?;
        Ok(())
    })
    .await?;
    db.lease(async |conn| {
        sqlx::query_scalar("SELECT count(*) FROM calls WHERE output = 'sqlx'").fetch_one(conn).await
    })
    .await
}

const ROLE_AND_TENANT: &str =
    "SELECT current_user::text || ' for ' || coalesce(current_setting('app.tenant', true), '')
     || ' in ' || current_setting('search_path')";

#[handler]
async fn act_for_a_tenant(db: &mut Session<Database>) -> Result<String, Error> {
    db.transaction(async |tx| {
        sqlx::query("SET LOCAL ROLE pg_monitor").execute(&mut *tx).await?;
        sqlx::query("SET LOCAL search_path = acme").execute(&mut *tx).await?;
        sqlx::query("SELECT set_config('app.tenant', 'acme', true)").execute(&mut *tx).await?;
        sqlx::query("DECLARE tools CURSOR FOR SELECT 1").execute(&mut *tx).await?;
        sqlx::query_scalar(ROLE_AND_TENANT).fetch_one(tx).await
    })
    .await
}

/// As after a COMMIT: what a transaction has set for itself is gone, and what the session had is not.
#[tokio::test]
async fn no_setting_of_a_transaction_reaches_the_next_lease() {
    let scratch = scratch().await;
    let after_connect = PgPoolOptions::new().max_connections(1).after_connect(|conn, _| {
        Box::pin(async move {
            sqlx::query("SET search_path = shop").execute(conn).await?;
            Ok(())
        })
    });
    let pool = after_connect.connect(&scratch.url()).await.unwrap();
    let db = Db::builder_from_pool(pool).test_transaction().connect().await.unwrap();
    let mut session = db.session();
    let state = |query: &'static str| sqlx::query_scalar::<_, String>(query);
    let before = session.fetch_one(state(ROLE_AND_TENANT)).await.unwrap();
    assert!(before.ends_with(" for  in shop"), "{before}");
    for _ in 0..2 {
        let within = act_for_a_tenant(&mut session).await.unwrap();
        assert_eq!(within, "pg_monitor for acme in acme");
        assert_eq!(session.fetch_one(state(ROLE_AND_TENANT)).await.unwrap(), before);
        let alone = sqlx::query("SELECT set_config('app.tenant', 'acme', true)");
        local_setting(&mut session, alone).await.unwrap();
        assert_eq!(session.fetch_one(state(ROLE_AND_TENANT)).await.unwrap(), before);
    }
}

type Query = sqlx::query::Query<'static, Database, sqlx::postgres::PgArguments>;

#[handler]
async fn local_setting(db: &mut Session<Database>, set: Query) -> Result<(), Error> {
    db.lease(async |conn| {
        set.execute(conn).await?;
        Ok(())
    })
    .await
}

const TOOL: &str = "INSERT INTO tools VALUES (1, 'one', 10)";

#[sqlx::test]
#[ignore = "run by the test below, which has a server"]
async fn with_its_pool(pool: PgPool) -> Result<(), Error> {
    sqlx::query(TOOL).execute(&pool).await?;
    {
        let db = Db::builder_from_pool(pool.clone()).test_transaction().connect().await?;
        assert_eq!(add(&mut db.session(), 1).await?, 1);
        assert_eq!(add(&mut db.session(), 1).await?, 2);
    }
    assert_eq!(add(&mut Db::builder_from_pool(pool).connect_lazy()?.session(), 1).await?, 1);
    Ok(())
}

#[sqlx::test]
#[ignore = "run by the test below, which has a server"]
async fn with_its_options(_: PgPoolOptions, options: PgConnectOptions) -> Result<(), Error> {
    {
        let db = Db::builder_with(options.clone()).test_transaction().connect().await?;
        db.session().execute(sqlx::query(TOOL)).await?;
        assert_eq!(add(&mut db.session(), 1).await?, 1);
    }
    let db = Db::builder_with(options).connect().await?;
    db.session().execute(sqlx::query(TOOL)).await?;
    assert_eq!(add(&mut db.session(), 1).await?, 1);
    let _ = db.close(std::time::Duration::from_secs(5)).await;
    Ok(())
}

/// `sqlx` looks for the server's address in the environment.
#[tokio::test]
async fn under_sqlx_test() {
    let url = scratch().await.url();
    let tests = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "postgres::with_its"])
        .env("DATABASE_URL", &url)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&tests.stdout);
    assert!(tests.status.success() && said.contains("2 passed"), "{said}");
    // A database whose test has passed is dropped, which takes that nobody is connected to it.
    let left = "SELECT count(*) FROM pg_database WHERE datname LIKE '\\_sqlx\\_test%'";
    let left: i64 = sqlx::query_scalar(left).fetch_one(&mut outside(&url).await).await.unwrap();
    assert_eq!(left, 0, "{said}");
}
