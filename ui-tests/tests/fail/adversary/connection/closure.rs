// A closure that has the connection, returned.

use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<Box<dyn FnOnce() + Send>, Error> {
    db.lease(async |conn| {
        Ok(Box::new(move || drop(sqlx::query("DELETE FROM calls").execute(conn))))
    })
    .await
}

fn main() {}
