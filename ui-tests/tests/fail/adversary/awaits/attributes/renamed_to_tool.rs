// An attribute under the name of a tool.
use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        use shortlease_hostile_macros as rustfmt;
        #[rustfmt::awaits]
        fn nothing() {}
        nothing();
        Ok(())
    })
    .await
}

fn main() {}
