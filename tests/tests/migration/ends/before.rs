use sqlx::PgPool;

/// Takes up to three uses of a tool.
pub(crate) async fn take_one(pool: &PgPool, id: i64) -> Result<bool, sqlx::Error> {
    let mut tx = pool.begin().await?;
    let taken = sqlx::query_scalar("UPDATE tools SET uses = uses + 1 WHERE id = $1 RETURNING uses");
    let taken: i64 = taken.bind(id).fetch_one(&mut *tx).await?;
    if taken > 3 {
        return Ok(false); // `tx` is dropped: rolled back
    }
    tx.commit().await?;
    Ok(true)
}

/// Notes a call, and fails if it has no output.
pub(crate) async fn note(pool: &PgPool, id: i64, output: &str) -> Result<(), sqlx::Error> {
    let mut tx = pool.begin().await?;
    let insert = sqlx::query("INSERT INTO calls (tool_id, output) VALUES ($1, $2)");
    insert.bind(id).bind(output).execute(&mut *tx).await?;
    tx.commit().await?; // committed, whatever follows
    if output.is_empty() {
        return Err(sqlx::Error::RowNotFound);
    }
    Ok(())
}
