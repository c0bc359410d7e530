// A function of mine that promises a boxed `DbFuture`.
use shortlease::DbFuture;
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;
use std::pin::Pin;
type Promised = Pin<Box<dyn DbFuture<Output = String>>>;
fn promise(future: impl DbFuture<Output = String> + 'static) -> Promised {
    Box::pin(future)
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        let _ask = promise(remote());
        Ok(())
    })
    .await
}

fn main() {}
