// An async block in the `Ok` of another, awaited in the lease.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        let later = async { Ok::<_, Error>(async { remote().await }) };
        later.await?.await;
        Ok(())
    })
    .await
}

fn main() {}
