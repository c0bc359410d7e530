// A condition with blocks of its own, before a macro that hides another of its name.

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[allow(unused_macros)]
macro_rules! name {
    () => {
        String::new()
    };
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<usize, Error> {
    db.lease(async |conn| {
        let done = sqlx::query("DELETE FROM calls").execute(conn).await?.rows_affected();
        if if done == 1 {
            true
        } else if done == 2 {
            true
        } else if done == 3 {
            true
        } else {
            false
        } {}
        macro_rules! name {
            () => {
                remote().await
            };
        }
        let length = name!().len();
        Ok(length)
    })
    .await
}

fn main() {}
