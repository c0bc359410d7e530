use sqlx::PgPool;

use crate::remote::Model;

pub(crate) async fn call_tool(
    pool: &PgPool,
    model: &Model,
    id: i64,
) -> Result<String, sqlx::Error> {
    let mut tx = pool.begin().await?;
    let url: String = sqlx::query_scalar("SELECT url FROM tools WHERE id = $1")
        .bind(id)
        .fetch_one(&mut *tx)
        .await?;
    let output = model.improve(&url).await; // the connection is held, idle in transaction
    sqlx::query("INSERT INTO calls (tool_id, output) VALUES ($1, $2)")
        .bind(id)
        .bind(&output)
        .execute(&mut *tx)
        .await?;
    sqlx::query("UPDATE tools SET uses = uses + 1 WHERE id = $1")
        .bind(id)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(output)
}
