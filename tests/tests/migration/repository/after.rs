use shortlease::{Conn, Error, Postgres, Session, Tx, handler, leased};

use crate::remote::Model;

/// The methods take the connection, so the handler decides what is one lease.
#[leased]
pub(crate) trait Tools: Sync {
    async fn url(&self, conn: &mut Conn<Postgres>, id: i64) -> Result<String, sqlx::Error>;

    /// Needs a transaction, and says so.
    async fn record(&self, tx: &mut Tx<Postgres>, id: i64, output: &str)
    -> Result<(), sqlx::Error>;
}

pub(crate) struct StoredTools;

#[leased]
impl Tools for StoredTools {
    async fn url(&self, conn: &mut Conn<Postgres>, id: i64) -> Result<String, sqlx::Error> {
        let url = sqlx::query_scalar("SELECT url FROM tools WHERE id = $1").bind(id);
        url.fetch_one(conn).await
    }

    async fn record(
        &self,
        tx: &mut Tx<Postgres>,
        id: i64,
        output: &str,
    ) -> Result<(), sqlx::Error> {
        let insert = sqlx::query("INSERT INTO calls (tool_id, output) VALUES ($1, $2)");
        insert.bind(id).bind(output).execute(tx).await?;
        let update = sqlx::query("UPDATE tools SET uses = uses + 1 WHERE id = $1");
        update.bind(id).execute(tx).await?;
        Ok(())
    }
}

#[handler]
pub(crate) async fn call_tool(
    db: &mut Session<Postgres>,
    tools: &impl Tools,
    model: &Model,
    id: i64,
) -> Result<String, Error> {
    let url = db.lease(async |conn| tools.url(conn, id).await).await?;
    let output = model.improve(&url).await;
    db.transaction(async |tx| tools.record(tx, id, &output).await).await?;
    Ok(output)
}
