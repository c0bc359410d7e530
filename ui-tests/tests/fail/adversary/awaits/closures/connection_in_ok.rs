// An async block in the `Ok` of a body, which takes the connection along.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    let later = db
        .lease(async |conn| {
            Ok(async move {
                remote().await;
                sqlx::query("DELETE FROM calls").execute(conn).await
            })
        })
        .await?;
    later.await?;
    Ok(())
}

fn main() {}
