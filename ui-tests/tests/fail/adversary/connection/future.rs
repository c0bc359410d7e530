// The future of a statement, returned to be awaited later.

use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<Box<dyn Send>, Error> {
    db.lease(async |conn| Ok(Box::new(sqlx::query("DELETE FROM calls").execute(conn)))).await
}

fn main() {}
