// A remote stream.
use futures::stream::{self, StreamExt};
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;
use std::pin::pin;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        let mut outs = pin!(stream::once(remote()));
        Ok(outs.next().await.unwrap_or_default())
    })
    .await
}

fn main() {}
