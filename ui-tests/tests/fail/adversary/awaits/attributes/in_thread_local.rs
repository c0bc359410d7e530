// An attribute in `thread_local!`, which adds an await.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_hostile_macros::awaits;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        thread_local! {
            #[awaits]
            static HELPER: i64 = const { 1 };
        }
        Ok(())
    })
    .await
}

fn main() {}
