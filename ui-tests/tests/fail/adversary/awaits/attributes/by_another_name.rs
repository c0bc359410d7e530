// The same under the name of a known attribute.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_hostile_macros::awaits as leased;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        #[leased]
        const _HELPER: i64 = 1;
        Ok(())
    })
    .await
}

fn main() {}
