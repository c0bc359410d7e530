// An await in labelled blocks within a loop.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        'outer: for _ in 0..1 {
            'inner: {
                if true {
                    break 'inner;
                }
                remote().await;
            }
            break 'outer;
        }
        Ok(())
    })
    .await
}

fn main() {}
