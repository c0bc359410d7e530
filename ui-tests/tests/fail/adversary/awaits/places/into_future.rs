// An await of something that turns into a future.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

struct Later;

impl IntoFuture for Later {
    type Output = String;
    type IntoFuture = std::pin::Pin<Box<dyn Future<Output = String> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(remote())
    }
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        Later.await;
        Ok(())
    })
    .await
}

fn main() {}
