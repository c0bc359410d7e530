// An attribute on an implementation.
use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        struct Row;
        #[shortlease_hostile_macros::awaits]
        impl Row {}
        let _ = Row;
        Ok(())
    })
    .await
}

fn main() {}
