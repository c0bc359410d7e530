// An async function of another crate.

use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        drop(shortlease_ui_tests::db().await);
        Ok(())
    })
    .await
}

fn main() {}
