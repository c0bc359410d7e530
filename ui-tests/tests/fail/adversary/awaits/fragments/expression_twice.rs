// An expression that goes through two macros.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

macro_rules! handler_of {
    ($db:ident, $conn:ident, $value:expr) => {
        #[handler]
        async fn call_tool($db: &mut Session<Sqlite>) -> Result<(), Error> {
            $db.lease(async |$conn| {
                sqlx::query("DELETE FROM calls").execute($conn).await?;
                drop($value);
                Ok(())
            })
            .await
        }
    };
}

handler_of!(db, conn, remote().await);

fn main() {}
