//! The work of one call.

use std::time::Duration;

use shortlease::{Db, Error, Postgres, Session, handler};
use tokio::time::sleep;

/// How long the healthy backend takes.
pub(super) const ELSEWHERE: Duration = Duration::from_millis(100);

pub(super) async fn prepare(db: &Db<Postgres>) -> Result<(), Error> {
    let tables = "DROP TABLE IF EXISTS calls, usage;
        CREATE TABLE calls (id BIGINT GENERATED ALWAYS AS IDENTITY, tool BIGINT NOT NULL);
        CREATE TABLE usage (id BIGINT GENERATED ALWAYS AS IDENTITY, tool BIGINT NOT NULL)";
    db.session().execute(sqlx::raw_sql(tables)).await?;
    Ok(())
}

#[handler]
pub(super) async fn call(db: &mut Session<Postgres>, tool: i64) -> Result<(), Error> {
    let known: bool = db.fetch_one(sqlx::query_scalar("SELECT $1 > 0").bind(tool)).await?;
    let url: String = db.fetch_one(sqlx::query_scalar("SELECT 'tool-' || $1").bind(tool)).await?;
    assert!(known && !url.is_empty());
    sleep(ELSEWHERE).await;
    db.transaction(async |tx| {
        sqlx::query("INSERT INTO calls (tool) VALUES ($1)").bind(tool).execute(&mut *tx).await?;
        sqlx::query("INSERT INTO usage (tool) VALUES ($1)").bind(tool).execute(tx).await?;
        Ok(())
    })
    .await
}
