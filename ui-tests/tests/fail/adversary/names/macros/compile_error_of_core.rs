// A crate that calls itself core, with a `compile_error!` that says nothing.

extern crate self as core;
pub use std::{convert, fmt, future, marker, ops, option, pin, result};

#[macro_export]
macro_rules! compile_error {
    ($($anything:tt)*) => {};
}

mod handlers {
    use shortlease::{Error, Session, Sqlite, handler};
    use shortlease_ui_tests::remote;

    #[handler]
    pub async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
        let lease = db.lease(async |conn| {
            sqlx::query("DELETE FROM calls").execute(conn).await?;
            Ok(())
        });
        let mut lease = Box::pin(lease);
        let _ = futures::poll!(&mut lease);
        Ok(remote().await)
    }
}

pub use handlers::call_tool;

fn main() {}
