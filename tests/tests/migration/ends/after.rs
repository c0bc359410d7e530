use shortlease::{Error, Postgres, Session, handler};

/// Takes up to three uses of a tool.
#[handler]
pub(crate) async fn take_one(db: &mut Session<Postgres>, id: i64) -> Result<bool, Error> {
    db.transaction(async |tx| {
        let taken =
            sqlx::query_scalar("UPDATE tools SET uses = uses + 1 WHERE id = $1 RETURNING uses");
        let taken: i64 = taken.bind(id).fetch_one(&mut *tx).await?;
        if taken > 3 {
            return Ok(tx.rollback_with(false)); // rolled back
        }
        Ok(true)
    })
    .await
}

/// Notes a call, and fails if it has no output.
#[handler]
pub(crate) async fn note(db: &mut Session<Postgres>, id: i64, output: &str) -> Result<(), Error> {
    let insert = sqlx::query("INSERT INTO calls (tool_id, output) VALUES ($1, $2)");
    db.execute(insert.bind(id).bind(output)).await?; // committed, whatever follows
    if output.is_empty() {
        return Err(sqlx::Error::RowNotFound.into());
    }
    Ok(())
}
