// An attribute behind a doc comment.
use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        /// Nothing.
        #[shortlease_hostile_macros::awaits]
        fn nothing() {}
        nothing();
        Ok(())
    })
    .await
}

fn main() {}
