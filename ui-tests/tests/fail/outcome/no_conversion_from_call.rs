use shortlease::{Conn, Error, Session, Sqlite, handler, leased};

struct ToolError;

impl From<Error> for ToolError {
    fn from(_: Error) -> Self {
        ToolError
    }
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<i64, ToolError> {
    db.lease(async |conn| count(conn).await).await
}

#[leased]
async fn count(conn: &mut Conn<Sqlite>) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(conn).await
}

fn main() {}
