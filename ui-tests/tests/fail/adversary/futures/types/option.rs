// A remote future in an option.
use futures::future::OptionFuture;
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        let ask: OptionFuture<_> = Some(remote()).into();
        Ok(ask.await.unwrap_or_default())
    })
    .await
}

fn main() {}
