// An attribute on an import.
use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        #[shortlease_hostile_macros::awaits]
        use std::mem::swap;
        let _ = swap::<u8>;
        Ok(())
    })
    .await
}

fn main() {}
