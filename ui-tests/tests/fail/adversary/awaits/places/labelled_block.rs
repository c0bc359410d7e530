// A future broken out of a labelled block.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        let call = 'found: {
            if conn_is_idle() {
                break 'found remote();
            }
            remote()
        };
        Ok(call.await)
    })
    .await
}

fn conn_is_idle() -> bool {
    true
}

fn main() {}
