// Rows folded by a remote call.
use futures::StreamExt;
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        let rows = sqlx::query("SELECT url FROM tools").fetch(conn);
        Ok(rows.fold(String::new(), |_, _| remote()).await)
    })
    .await
}

fn main() {}
