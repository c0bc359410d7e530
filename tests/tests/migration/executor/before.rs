use sqlx::{PgExecutor, PgPool};

use crate::remote::Model;

/// On a pool, a connection or a transaction.
async fn load_url(executor: impl PgExecutor<'_>, id: i64) -> Result<String, sqlx::Error> {
    sqlx::query_scalar("SELECT url FROM tools WHERE id = $1").bind(id).fetch_one(executor).await
}

async fn record(executor: impl PgExecutor<'_>, id: i64, output: &str) -> Result<(), sqlx::Error> {
    let insert = sqlx::query("INSERT INTO calls (tool_id, output) VALUES ($1, $2)");
    insert.bind(id).bind(output).execute(executor).await?;
    Ok(())
}

async fn count_use(executor: impl PgExecutor<'_>, id: i64) -> Result<(), sqlx::Error> {
    let update = sqlx::query("UPDATE tools SET uses = uses + 1 WHERE id = $1");
    update.bind(id).execute(executor).await?;
    Ok(())
}

pub(crate) async fn call_tool(
    pool: &PgPool,
    model: &Model,
    id: i64,
) -> Result<String, sqlx::Error> {
    let mut tx = pool.begin().await?;
    let url = load_url(&mut *tx, id).await?;
    let output = model.improve(&url).await; // the connection is held
    record(&mut *tx, id, &output).await?;
    count_use(&mut *tx, id).await?;
    tx.commit().await?;
    Ok(output)
}
