// No space behind the `=` of an `if let`, before a macro that hides another of its name.

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[allow(unused_macros)]
macro_rules! name {
    () => {
        String::new()
    };
}

#[handler]
#[rustfmt::skip]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<usize, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        let flag = Some(1);
        if let Some(_)=&flag {}
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
