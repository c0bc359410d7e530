// A remote call for each row.
use futures::{FutureExt, StreamExt};
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        let rows = sqlx::query("SELECT url FROM tools").fetch(conn);
        rows.for_each(|_| remote().map(drop)).await;
        Ok(())
    })
    .await
}

fn main() {}
