// An attribute on a constant.
use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        #[shortlease_hostile_macros::awaits]
        const LIMIT: usize = 1;
        let _ = LIMIT;
        Ok(())
    })
    .await
}

fn main() {}
