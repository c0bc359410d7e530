use shortlease::{Postgres, Session, handler};
use sqlx::FromRow;

use crate::backend::Backend;
use crate::error::Error;
use crate::routes::Answer;

#[derive(FromRow)]
pub struct Tool0 {
    pub name: String,
    pub address: String,
    pub enabled: bool,
}

#[handler]
pub async fn tool_0(
    db: &mut Session<Postgres>,
    backend: &Backend,
    id: i64,
    input: &str,
) -> Result<String, Error> {
    let query = sqlx::query_as("SELECT name, address, enabled FROM tools_0 WHERE id = $1");
    let tool: Option<Tool0> = db.fetch_optional(query.bind(id)).await?;
    let tool = tool.ok_or(Error::NoTool(id))?;
    if !tool.enabled {
        return Err(Error::Disabled(format!("{} of set 0", tool.name)));
    }
    let output = backend.call(&tool.address, input).await?;
    db.transaction(async |tx| {
        sqlx::query("INSERT INTO calls_0 (tool_id, input, output) VALUES ($1, $2, $3)")
            .bind(id)
            .bind(input)
            .bind(&output)
            .execute(tx)
            .await?;
        sqlx::query("UPDATE tools_0 SET calls = calls + 1 WHERE id = $1").bind(id).execute(tx).await
    })
    .await?;
    Ok(output)
}

pub fn boxed<'a>(
    db: &'a mut Session<Postgres>,
    backend: &'a Backend,
    id: i64,
    input: &'a str,
) -> Answer<'a> {
    Box::pin(tool_0(db, backend, id, input))
}
