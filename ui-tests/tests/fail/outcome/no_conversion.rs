use shortlease::{Error, Session, Sqlite, handler};

struct ToolError;

impl From<Error> for ToolError {
    fn from(_: Error) -> Self {
        ToolError
    }
}

#[handler]
async fn tools(db: &mut Session<Sqlite>) -> Result<i64, ToolError> {
    db.lease(async |conn| {
        sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(conn).await
    })
    .await
}

fn main() {}
