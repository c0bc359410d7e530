// A connection of one's own, taken in a lease.
use shortlease::{Db, Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>, tools: &Db<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        let _own = tools.dedicated("a second one").await?;
        Ok(())
    })
    .await
}

fn main() {}
