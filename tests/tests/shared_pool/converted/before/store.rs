use sqlx::{SqliteConnection, SqliteExecutor};

use super::Error;

pub(crate) async fn url(conn: &mut SqliteConnection, id: i64) -> Result<String, Error> {
    let url = sqlx::query_scalar("SELECT url FROM tools WHERE id = $1").bind(id);
    Ok(url.fetch_one(conn).await?)
}

pub(crate) async fn link(conn: &mut SqliteConnection, id: i64) -> sqlx::Result<String> {
    sqlx::query_scalar("SELECT url FROM tools WHERE id = $1").bind(id).fetch_one(conn).await
}

pub(crate) async fn record(
    conn: &mut SqliteConnection,
    id: i64,
    output: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO calls (tool_id, output) VALUES ($1, $2)")
        .bind(id)
        .bind(output)
        .execute(&mut *conn)
        .await?;
    sqlx::query("UPDATE tools SET uses = uses + 1 WHERE id = $1").bind(id).execute(conn).await?;
    Ok(())
}

/// Gives its connection to another helper.
pub(crate) async fn note(conn: &mut SqliteConnection, id: i64) -> Result<(), Error> {
    for output in ["noted", "and again"] {
        record(&mut *conn, id, output).await?;
    }
    Ok(record(conn, id, "and done").await?)
}

/// On a pool, a connection or a transaction.
pub(crate) async fn count_use(
    executor: impl SqliteExecutor<'_>,
    id: i64,
) -> Result<(), sqlx::Error> {
    let update = sqlx::query("UPDATE tools SET uses = uses + 1 WHERE id = $1");
    update.bind(id).execute(executor).await?;
    Ok(())
}

pub(crate) async fn calls(conn: &mut SqliteConnection, id: i64) -> Result<i64, Error> {
    let calls = sqlx::query_scalar("SELECT count(*) FROM calls WHERE tool_id = $1").bind(id);
    Ok(calls.fetch_one(conn).await?)
}
