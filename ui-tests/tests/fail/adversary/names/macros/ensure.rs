// An `ensure!` of my own that awaits, and returns an error of its own type.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;
macro_rules! ensure {
    ($future:expr) => {
        if $future.await.is_empty() {
            return Err(Error::Closed);
        }
    };
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        ensure!(remote());
        Ok(())
    })
    .await
}

fn main() {}
