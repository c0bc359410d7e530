use sqlx::PgPool;

use crate::remote::Model;

pub(crate) trait Tools {
    fn url(&self, id: i64) -> impl Future<Output = Result<String, sqlx::Error>> + Send;
    fn record(&self, id: i64, output: &str)
    -> impl Future<Output = Result<(), sqlx::Error>> + Send;
}

pub(crate) struct StoredTools {
    pub(crate) pool: PgPool,
}

impl Tools for StoredTools {
    async fn url(&self, id: i64) -> Result<String, sqlx::Error> {
        let url = sqlx::query_scalar("SELECT url FROM tools WHERE id = $1").bind(id);
        url.fetch_one(&self.pool).await
    }

    async fn record(&self, id: i64, output: &str) -> Result<(), sqlx::Error> {
        let mut tx = self.pool.begin().await?;
        let insert = sqlx::query("INSERT INTO calls (tool_id, output) VALUES ($1, $2)");
        insert.bind(id).bind(output).execute(&mut *tx).await?;
        let update = sqlx::query("UPDATE tools SET uses = uses + 1 WHERE id = $1");
        update.bind(id).execute(&mut *tx).await?;
        tx.commit().await
    }
}

pub(crate) async fn call_tool(
    tools: &impl Tools,
    model: &Model,
    id: i64,
) -> Result<String, sqlx::Error> {
    let url = tools.url(id).await?;
    let output = model.improve(&url).await;
    tools.record(id, &output).await?;
    Ok(output)
}
