// Rows, each followed by an async block that awaits something remote on its way.
use futures::TryStreamExt;
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<Vec<String>, Error> {
    db.lease(async |conn| {
        let urls = sqlx::query_scalar::<_, String>("SELECT url FROM tools").fetch(conn);
        let outs = urls.and_then(async |_| Ok(remote().await));
        Ok(outs.try_collect().await?)
    })
    .await
}

fn main() {}
