use shortlease::{Conn, Session, Sqlite, handler, leased};

struct ToolError(shortlease::Error);

impl From<shortlease::Error> for ToolError {
    fn from(error: shortlease::Error) -> Self {
        ToolError(error)
    }
}

#[leased]
async fn count(conn: &mut Conn<Sqlite>) -> Result<i64, ToolError> {
    let count = sqlx::query_scalar("SELECT 1").fetch_one(conn).await;
    count.map_err(|error| ToolError(error.into()))
}

#[handler]
async fn tools(db: &mut Session<Sqlite>) -> Result<i64, ToolError> {
    let tools = db.lease(async |conn| count(conn).await).await;
    Ok(tools.unwrap_or_default())
}

fn main() {}
