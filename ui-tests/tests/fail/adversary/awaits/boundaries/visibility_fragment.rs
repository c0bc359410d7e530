// A visibility from a macro, before a macro that hides another of its name.

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[allow(unused_macros)]
macro_rules! name {
    () => {
        String::new()
    };
}

macro_rules! handler_of {
    ($vis:vis) => {
        #[handler]
        async fn call_tool(db: &mut Session<Sqlite>) -> Result<usize, Error> {
            db.lease(async |conn| {
                sqlx::query("DELETE FROM calls").execute(conn).await?;
                #[allow(dead_code)]
                $vis struct Unused {}
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

handler_of!(pub(crate));

fn main() {}
