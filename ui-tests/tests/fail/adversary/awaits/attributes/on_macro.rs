// An attribute on the definition of a macro.
use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        #[shortlease_hostile_macros::awaits]
        macro_rules! nothing {
            () => {};
        }
        nothing!();
        Ok(())
    })
    .await
}

fn main() {}
