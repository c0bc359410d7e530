// An await behind a pattern that begins with a bar.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        match 1 {
            1 | 2 => drop(remote().await),
            _ => {}
        }
        Ok(())
    })
    .await
}

fn main() {}
