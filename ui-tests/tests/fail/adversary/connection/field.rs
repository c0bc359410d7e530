// The connection of `sqlx` taken out of its field.

use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        let raw = &mut conn.raw;
        sqlx::query("DELETE FROM calls").execute(raw).await?;
        Ok(())
    })
    .await
}

fn main() {}
