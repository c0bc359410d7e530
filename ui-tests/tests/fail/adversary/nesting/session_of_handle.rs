// A statement on a new session of the handle, in a lease.
use shortlease::{Db, Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>, tools: &Db<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        tools.session().execute(sqlx::query("DELETE FROM tools")).await?;
        Ok(())
    })
    .await
}

fn main() {}
