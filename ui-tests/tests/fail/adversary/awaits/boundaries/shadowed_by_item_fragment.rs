// As `unsafe_fn_in_condition.rs`, before a macro from a macro that hides another of its name.

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[allow(unused_macros)]
macro_rules! name {
    () => {
        String::new()
    };
}

macro_rules! handler_of {
    ($item:item) => {
        #[handler]
        async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
            db.lease(async |conn| {
                sqlx::query("DELETE FROM calls").execute(conn).await?;
                if size_of::<unsafe fn()>() == 8 {}
                $item
                &mut name!().len();
                Ok(())
            })
            .await
        }
    };
}

handler_of!(
    macro_rules! name {
        () => {
            remote().await
        };
    }
);

fn main() {}
