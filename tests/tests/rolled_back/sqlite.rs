//! On SQLite, alone and under `#[sqlx::test]`.

use shortlease::{Db, Error, Session, handler};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};
use sqlx::{Connection, SqliteConnection, SqlitePool};
use tempfile::TempDir;

#[path = "suite.rs"]
mod suite;

type Database = shortlease::Sqlite;

const FOR_EVER: &str = "WITH RECURSIVE n(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM n)
                        SELECT count(*) FROM n";

struct Scratch {
    directory: TempDir,
}

impl Scratch {
    async fn new(_: &str) -> Scratch {
        Scratch { directory: tempfile::tempdir().unwrap() }
    }

    fn url(&self) -> String {
        format!("sqlite://{}?mode=rwc", self.directory.path().join("scratch.db").display())
    }
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
        let db = Db::over(pool.clone()).rolled_back().connect().await?;
        assert_eq!(add(&mut db.session(), 1).await?, 1);
        assert_eq!(add(&mut db.session(), 1).await?, 2);
    }
    assert_eq!(add(&mut Db::over(pool).connect_lazy()?.session(), 1).await?, 1);
    Ok(())
}

#[sqlx::test]
async fn with_its_options(
    _: SqlitePoolOptions,
    options: SqliteConnectOptions,
) -> Result<(), Error> {
    {
        let db = Db::builder_with(options.clone()).rolled_back().connect().await?;
        db.session().execute(sqlx::query(TOOL)).await?;
        assert_eq!(add(&mut db.session(), 1).await?, 1);
    }
    let db = Db::builder_with(options).connect().await?;
    db.session().execute(sqlx::query(TOOL)).await?;
    assert_eq!(add(&mut db.session(), 1).await?, 1);
    Ok(())
}

#[tokio::test]
async fn in_memory() {
    let db = Db::<Database>::builder("sqlite::memory:").rolled_back().connect().await.unwrap();
    db.session()
        .execute(sqlx::raw_sql("CREATE TABLE calls (n BIGINT, output TEXT)"))
        .await
        .unwrap();
    assert_eq!(add(&mut db.session(), 1).await.unwrap(), 1);
}
