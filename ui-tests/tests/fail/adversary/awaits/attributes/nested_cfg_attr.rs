// An attribute in a `cfg_attr` in a `cfg_attr`.
use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        #[cfg_attr(all(), cfg_attr(all(), shortlease_hostile_macros::awaits))]
        fn nothing() {}
        nothing();
        Ok(())
    })
    .await
}

fn main() {}
