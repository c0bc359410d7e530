use shortlease::{Conn, Session, Sqlite, handler, leased};

#[derive(Debug)]
struct ToolError;

impl From<shortlease::Error> for ToolError {
    fn from(_: shortlease::Error) -> Self {
        ToolError
    }
}

type Answer = Result<i64, ToolError>;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Answer {
    let count = db.lease(async |conn| count(conn).await).await?;
    Ok(count)
}

#[leased]
async fn count(conn: &mut Conn<Sqlite>) -> Answer {
    sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(conn).await.map_err(|_| ToolError)
}

fn main() {}
