// A union before a macro that hides another of its name: the probe must not mean the other.

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
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        #[allow(dead_code)]
        union Number {
            signed: i8,
            unsigned: u8,
        }
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
