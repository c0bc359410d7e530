// Rows folded into a remote future, which is awaited at the end.
use futures::{FutureExt, StreamExt};
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;
use std::future::ready;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        let rows = sqlx::query("SELECT url FROM tools").fetch(conn);
        let call = rows.fold(remote().boxed(), |call, _| ready(call)).await;
        Ok(call.await)
    })
    .await
}

fn main() {}
