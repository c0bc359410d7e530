#[handler]
async fn record(db: &mut Session<Postgres>, id: i64) -> Result<bool, ToolError> {
    db.transaction(async |tx| {
        sqlx::query("INSERT INTO calls (tool_id) VALUES ($1)").bind(id).execute(tx).await?;
        let counted = tx.savepoint(async |sp| count(sp, id).await).await;
        Ok(counted.is_ok())
    })
    .await
}
