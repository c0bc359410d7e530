use shortlease::{Conn, Session, Sqlite, handler, leased};

type ToolError = Box<dyn std::error::Error + Send + Sync>;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>, id: i64) -> Result<String, ToolError> {
    let url = db.lease(async |conn| load_url(conn, id).await).await?;
    db.transaction(async |tx| {
        let output = ask_backend(&url).await?;
        sqlx::query("INSERT INTO calls (tool_id, output) VALUES ($1, $2)")
            .bind(id)
            .bind(&output)
            .execute(tx)
            .await?;
        Ok(output)
    })
    .await
}

#[leased]
async fn load_url(conn: &mut Conn<Sqlite>, id: i64) -> Result<String, sqlx::Error> {
    sqlx::query_scalar("SELECT url FROM tools WHERE id = $1").bind(id).fetch_one(conn).await
}

/// Stands for any slow call that is not the database: HTTP, another MCP server, a queue.
async fn ask_backend(url: &str) -> Result<String, ToolError> {
    tokio::time::sleep(std::time::Duration::from_secs(30)).await;
    Ok(format!("the answer of {url}"))
}

fn main() {}
