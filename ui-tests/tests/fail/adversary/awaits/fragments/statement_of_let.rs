// A `let` that a macro hands on.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

macro_rules! handler_of {
    ($db:ident, $conn:ident, $statement:stmt) => {
        #[handler]
        async fn call_tool($db: &mut Session<Sqlite>) -> Result<(), Error> {
            $db.lease(async |$conn| {
                sqlx::query("DELETE FROM calls").execute($conn).await?;
                $statement;
                Ok(())
            })
            .await
        }
    };
}

handler_of!(db, conn, let _ = remote().await);

fn main() {}
