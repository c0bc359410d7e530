// A statement that a macro hands on, which awaits.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

macro_rules! handler_of {
    ($conn:ident, $first:stmt) => {
        #[handler]
        async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
            db.lease(async |$conn| {
                $first;
                sqlx::query("DELETE FROM calls").execute($conn).await?;
                Ok(())
            })
            .await
        }
    };
}

handler_of!(conn, let _out = remote().await);

fn main() {}
