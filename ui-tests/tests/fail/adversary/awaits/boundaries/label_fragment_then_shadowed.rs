// A loop with its label from a macro, before a macro that hides another of its name.

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[allow(unused_macros)]
macro_rules! name {
    () => {
        String::new()
    };
}

macro_rules! handler_of {
    ($label:lifetime, $item:item) => {
        #[handler]
        async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
            db.lease(async |conn| {
                sqlx::query("DELETE FROM calls").execute(conn).await?;
                $label: loop {
                    break $label;
                }
                $item
                &mut name!().len();
                Ok(())
            })
            .await
        }
    };
}

handler_of!('wait, macro_rules! name { () => { remote().await }; });

fn main() {}
