// A `println!` of my own that awaits.

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;
macro_rules! println {
    ($future:expr) => {{
        $future.await;
    }};
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        println!(remote());
        Ok(())
    })
    .await
}

fn main() {}
