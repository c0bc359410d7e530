// Rows and remote calls, the type of the stream forgotten.
use futures::StreamExt;
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        let rows = sqlx::query("SELECT url FROM tools").fetch(conn);
        let mut outs = rows.then(|_| remote()).boxed();
        Ok(outs.next().await.unwrap_or_default())
    })
    .await
}

fn main() {}
