// A statement from a macro, an `if` without a semicolon, before a macro that hides another of its name.

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[allow(unused_macros)]
macro_rules! name {
    () => {
        String::new()
    };
}

macro_rules! handler_of {
    ($first:stmt) => {
        #[handler]
        async fn call_tool(db: &mut Session<Sqlite>) -> Result<usize, Error> {
            db.lease(async |conn| {
                sqlx::query("DELETE FROM calls").execute(conn).await?;
                $first
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
    };
}

handler_of!(if true {});

fn main() {}
