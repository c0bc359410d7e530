// `futures::pending!()` to wait for whatever wakes the task.

use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        futures::pending!();
        Ok(())
    })
    .await
}

fn main() {}
