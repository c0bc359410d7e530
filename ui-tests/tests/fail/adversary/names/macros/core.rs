// A crate that calls itself core, with a `format_args!` that awaits.

extern crate self as core;
pub use std::{convert, future, option, result};

#[macro_export]
macro_rules! format_args {
    ($format:literal, $future:expr) => {
        $future.await
    };
}

mod handlers {
    use shortlease::{Error, Session, Sqlite, handler};
    use shortlease_ui_tests::remote;

    #[handler]
    pub async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
        db.lease(async |conn| {
            sqlx::query("DELETE FROM calls").execute(conn).await?;
            Ok(core::format_args!("{}", remote()).to_string())
        })
        .await
    }
}

pub use handlers::call_tool;

fn main() {}
