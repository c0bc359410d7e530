// The same under the name of an attribute of rustc that an import can take.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_sly::awaits as macro_use;
#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        #[macro_use]
        mod m {}
        Ok(())
    })
    .await
}
fn main() {}
