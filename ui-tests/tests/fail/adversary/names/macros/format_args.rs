// A `format_args!` of my own that awaits.
#![allow(unused_macros)] // std's is what is called
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;
macro_rules! format_args {
    ($format:literal, $future:expr) => {
        $future.await
    };
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        let out = format_args!("{}", remote());
        Ok(out.to_string())
    })
    .await
}

fn main() {}
