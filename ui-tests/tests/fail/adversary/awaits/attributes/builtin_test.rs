// A built-in attribute that rewrites its item.
use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        #[test]
        fn nothing() {}
        Ok(())
    })
    .await
}

fn main() {}
