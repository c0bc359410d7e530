// An attribute on a function in a lease, which adds an await.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_hostile_macros::awaits;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        #[awaits]
        fn _helper() {}
        Ok(())
    })
    .await
}

fn main() {}
