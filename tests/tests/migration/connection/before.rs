use sqlx::{PgConnection, PgPool};

use crate::remote::Model;

async fn load_url(conn: &mut PgConnection, id: i64) -> Result<String, sqlx::Error> {
    sqlx::query_scalar("SELECT url FROM tools WHERE id = $1").bind(id).fetch_one(conn).await
}

async fn record(conn: &mut PgConnection, id: i64, output: &str) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO calls (tool_id, output) VALUES ($1, $2)")
        .bind(id)
        .bind(output)
        .execute(&mut *conn)
        .await?;
    sqlx::query("UPDATE tools SET uses = uses + 1 WHERE id = $1").bind(id).execute(conn).await?;
    Ok(())
}

pub(crate) async fn call_tool(
    pool: &PgPool,
    model: &Model,
    id: i64,
) -> Result<String, sqlx::Error> {
    let mut tx = pool.begin().await?;
    let url = load_url(&mut tx, id).await?;
    let output = model.improve(&url).await; // the connection is held
    record(&mut tx, id, &output).await?;
    tx.commit().await?;
    Ok(output)
}
