use axum::extract::Path;
use shortlease::{Error, Postgres, Session, handler};

use crate::remote::Model;

/// `Session` is the extractor, with the feature `axum`, and `Error` the response.
#[handler]
pub(crate) async fn call_tool(
    mut db: Session<Postgres>,
    Path(id): Path<i64>,
) -> Result<String, Error> {
    let url = sqlx::query_scalar("SELECT url FROM tools WHERE id = $1").bind(id);
    let url: String = db.fetch_one(url).await?;
    let output = Model.improve(&url).await; // no connection is held
    db.transaction(async |tx| {
        sqlx::query("INSERT INTO calls (tool_id, output) VALUES ($1, $2)")
            .bind(id)
            .bind(&output)
            .execute(tx)
            .await?;
        sqlx::query("UPDATE tools SET uses = uses + 1 WHERE id = $1").bind(id).execute(tx).await
    })
    .await?;
    Ok(output)
}
