//! Statements whose effect ends with the transaction, and words that only look like session state.

use shortlease::{Conn, Db, Error, Session, Sqlite, Tx, handler, leased};

/// For PostgreSQL: compiled here, run nowhere.
#[handler]
async fn scoped_to_the_transaction(db: &mut Session<Sqlite>, id: i64) -> Result<(), Error> {
    db.transaction(async |tx| {
        sqlx::query("SET LOCAL search_path = acme").execute(&mut *tx).await?;
        sqlx::query("SET TRANSACTION READ ONLY").execute(&mut *tx).await?;
        sqlx::query("SET CONSTRAINTS ALL DEFERRED").execute(&mut *tx).await?;
        sqlx::query("SELECT set_config('app.tenant', $1, true)").bind("acme").execute(&mut *tx).await?;
        sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(id).execute(&mut *tx).await?;
        sqlx::query("CREATE TEMP TABLE batch (id int) ON COMMIT DROP").execute(&mut *tx).await?;
        lock(tx, id).await?;
        tx.savepoint(async |tx| {
            sqlx::query_scalar::<_, i64>("SELECT id FROM jobs FOR UPDATE").fetch_all(tx).await?;
            Ok(())
        })
        .await
    })
    .await
}

#[leased]
async fn lock(tx: &mut Tx<Sqlite>, id: i64) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT pg_try_advisory_xact_lock($1)").bind(id).execute(tx).await?;
    Ok(())
}

/// A statement that writes is a transaction of its own.
#[handler]
async fn takes_a_job(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    db.fetch_one(sqlx::query_scalar(
        "UPDATE jobs SET run = now()
         WHERE id = (SELECT id FROM jobs WHERE run IS NULL LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id",
    ))
    .await
}

/// Behind a pooler that lends sessions to transactions, every lease is one.
#[handler(allow(SL011 = "behind a pooler, where every lease is a transaction"))]
async fn behind_a_pooler(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("SET LOCAL search_path = acme").execute(&mut *conn).await?;
        Ok(())
    })
    .await
}

#[handler]
async fn only_looks_like_it(db: &mut Session<Sqlite>) -> Result<(String, Vec<&'static str>), Error> {
    let mut steps = vec!["load"];
    steps.push("begin");
    let url = db
        .transaction(async |tx| {
            steps.push("commit");
            set_url(tx, "'; SET x = 1 --").await?;
            let mut update = sqlx::QueryBuilder::new("UPDATE tools");
            update.push(" SET uses = uses + ").push_bind(1).push(" WHERE id = 1");
            update.build().execute(&mut *tx).await?;
            sqlx::query("INSERT INTO calls (tool, output) VALUES (1, '; BEGIN')").execute(&mut *tx).await?;
            sqlx::query("PRAGMA table_info(tools)").execute(&mut *tx).await?;
            sqlx::query_scalar("SELECT url -- LISTEN\n FROM tools WHERE id = 1").fetch_one(tx).await
        })
        .await?;
    Ok((url, steps))
}

#[leased]
async fn set_url(conn: &mut Conn<Sqlite>, url: &str) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE tools SET url = $1 WHERE id = 1").bind(url).execute(conn).await?;
    Ok(())
}

/// The words of other clients, outside of a lease.
struct Agent;

impl Agent {
    async fn execute(&self, command: &str) -> String {
        command.to_uppercase()
    }
}

#[handler]
async fn another_client(agent: &Agent) -> String {
    agent.execute("load").await
}

#[tokio::test]
async fn runs() {
    let db: Db<Sqlite> = shortlease_ui_tests::db().await;
    let (url, steps) = only_looks_like_it(&mut db.session()).await.unwrap();
    assert_eq!(url, "'; SET x = 1 --");
    assert_eq!(steps, ["load", "begin", "commit"]);
    assert_eq!(another_client(&Agent).await, "LOAD");
    let _ = (scoped_to_the_transaction, takes_a_job, behind_a_pooler);
}
