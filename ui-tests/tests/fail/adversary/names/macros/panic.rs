// A `panic!` of my own that awaits.

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;
macro_rules! panic {
    ($future:expr) => {
        std::panic!("{}", $future.await)
    };
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        if true {
            panic!(remote())
        }
        Ok(())
    })
    .await
}

fn main() {}
