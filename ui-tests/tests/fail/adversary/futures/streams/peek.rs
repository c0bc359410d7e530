// A look at the next of remote calls for each row.
use futures::StreamExt;
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;
use std::pin::pin;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        let rows = sqlx::query("SELECT url FROM tools").fetch(conn);
        let mut outs = pin!(rows.then(|_| remote()).peekable());
        Ok(outs.as_mut().peek().await.cloned().unwrap_or_default())
    })
    .await
}

fn main() {}
