// A function of mine that promises a `DbFuture`.
use shortlease::DbFuture;
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;
fn promise<F: DbFuture>(future: F) -> impl DbFuture<Output = F::Output> {
    future
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        Ok(promise(remote()).await)
    })
    .await
}

fn main() {}
