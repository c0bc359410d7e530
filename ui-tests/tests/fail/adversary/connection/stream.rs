// The rows, returned to be read later.
use shortlease::Rows;
use shortlease::{Error, Session, Sqlite, handler};
use sqlx::sqlite::SqliteRow;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<Rows<'static, SqliteRow>, Error> {
    db.lease(async |conn| Ok(sqlx::query("SELECT url FROM tools").fetch(conn))).await
}

fn main() {}
