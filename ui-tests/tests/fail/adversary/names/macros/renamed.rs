// A macro under the name of a known one.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;
use shortlease_ui_tests::wait_for as format;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        Ok(format!(remote()))
    })
    .await
}

fn main() {}
