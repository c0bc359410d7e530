// A match on an async closure that a macro is given, whose arms could be taken for the body of the closure.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

macro_rules! chosen {
    ($name:ident, $closure:expr) => {
        #[handler]
        async fn $name(db: &mut Session<Sqlite>) -> Result<(), Error> {
            db.lease(async |conn| {
                sqlx::query("DELETE FROM calls").execute(conn).await?;
                match $closure {
                    _ => drop(remote().await),
                }
                Ok(())
            })
            .await
        }
    };
}

chosen!(call_tool, async |asked: u8| asked);

fn main() {}
