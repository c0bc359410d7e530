// A `thread_local!` of my own that awaits.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;
macro_rules! thread_local {
    ($future:expr) => {
        $future.await
    };
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        thread_local! { remote() };
        Ok(())
    })
    .await
}

fn main() {}
