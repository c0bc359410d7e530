// The whole handler out of a macro.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

macro_rules! handler_of {
    ($body:expr) => {
        #[handler]
        async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
            db.lease(async |_conn| Ok($body)).await
        }
    };
}

handler_of!(remote().await);

fn main() {}
