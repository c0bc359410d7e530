// Rows scanned by remote calls.
use futures::{FutureExt, StreamExt};
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<Vec<String>, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        let rows = sqlx::query("SELECT url FROM tools").fetch(conn);
        Ok(rows.scan((), |_, _| remote().map(Some)).collect().await)
    })
    .await
}

fn main() {}
