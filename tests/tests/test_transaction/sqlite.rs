//! On SQLite, alone and under `#[sqlx::test]`.

use shortlease::{Db, Error, Session, handler};
use shortlease_tests::scratch::SqliteFile;
use shortlease_tests::wait;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};
use sqlx::{Connection, SqliteConnection, SqlitePool};

#[path = "suite.rs"]
mod suite;

type Database = shortlease::Sqlite;

const FOR_EVER: &str = "WITH RECURSIVE n(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM n)
                        SELECT count(*) FROM n";

type Scratch = SqliteFile;

async fn scratch() -> Scratch {
    SqliteFile::new()
}

async fn outside(url: &str) -> SqliteConnection {
    let options: SqliteConnectOptions = url.parse().unwrap();
    let options = options.journal_mode(SqliteJournalMode::Wal);
    SqliteConnection::connect_with(&options).await.unwrap()
}

async fn pool(url: &str) -> SqlitePool {
    SqlitePoolOptions::new().max_connections(2).connect(url).await.unwrap()
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

const TOOL: &str = "INSERT INTO tools VALUES (1, 'one', 10)";

#[sqlx::test]
async fn with_its_pool(pool: SqlitePool) -> Result<(), Error> {
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
async fn with_its_options(
    _: SqlitePoolOptions,
    options: SqliteConnectOptions,
) -> Result<(), Error> {
    {
        let db = Db::builder_with(options.clone()).test_transaction().connect().await?;
        db.session().execute(sqlx::query(TOOL)).await?;
        assert_eq!(add(&mut db.session(), 1).await?, 1);
    }
    let db = Db::builder_with(options).connect().await?;
    db.session().execute(sqlx::query(TOOL)).await?;
    assert_eq!(add(&mut db.session(), 1).await?, 1);
    Ok(())
}

#[handler]
async fn create_in_snapshot(db: &mut Session<Database>) -> Result<(), Error> {
    db.snapshot(async |conn| {
        sqlx::query("CREATE TABLE more (n)").execute(conn).await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_snapshot_refuses_writes_and_nothing_after_it_does() {
    let scratch = scratch().await;
    let db = scratch.builder().test_transaction().connect().await.unwrap();
    for _ in 0..2 {
        let written = create_in_snapshot(&mut db.session()).await.unwrap_err().to_string();
        assert!(written.contains("readonly"), "{written}");
    }
    db.migrate(&sqlx::migrate!()).await.unwrap();
    create_in_snapshot(&mut db.session()).await.unwrap_err();
    assert_eq!(add(&mut db.session(), 1).await.unwrap(), 1);
}

#[handler]
async fn write_much(db: &mut Session<Database>) -> Result<(), Error> {
    db.transaction(async |tx| {
        let many = "WITH RECURSIVE n(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM n LIMIT 60000)
                    INSERT INTO calls SELECT n, 'many' FROM n";
        sqlx::query(many).execute(tx).await?;
        Ok(())
    })
    .await
}

/// SQLite ends the whole transaction where a write in it is stopped.
#[tokio::test]
async fn a_write_that_is_dropped_is_waited_for() {
    let db = Db::<Database>::builder("sqlite::memory:").test_transaction().connect().await.unwrap();
    db.session()
        .execute(sqlx::raw_sql("CREATE TABLE calls (n BIGINT, output TEXT)"))
        .await
        .unwrap();
    assert_eq!(add(&mut db.session(), 1).await.unwrap(), 1);
    {
        let mut session = db.session();
        let mut write = std::pin::pin!(write_much(&mut session));
        tokio::select! {
            biased;
            done = &mut write => panic!("not so soon: {done:?}"),
            () = wait::until("the write", async || db.leases().iter().any(|l| l.in_query)) => {}
        }
    }
    assert_eq!(add(&mut db.session(), 1).await.unwrap(), 2);
    let all = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM calls");
    assert_eq!(db.session().fetch_one(all).await.unwrap(), 2);
}

#[tokio::test]
async fn in_memory() {
    let db = Db::<Database>::builder("sqlite::memory:").test_transaction().connect().await.unwrap();
    db.session()
        .execute(sqlx::raw_sql("CREATE TABLE calls (n BIGINT, output TEXT)"))
        .await
        .unwrap();
    assert_eq!(add(&mut db.session(), 1).await.unwrap(), 1);
}
