// The same by way of `cfg_attr`.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_hostile_macros::awaits;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        #[cfg_attr(all(), allow(dead_code), awaits)]
        struct Helper;
        Ok(())
    })
    .await
}

fn main() {}
