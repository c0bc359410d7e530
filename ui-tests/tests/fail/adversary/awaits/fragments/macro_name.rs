// A macro whose name is handed on.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

macro_rules! wait {
    () => {
        remote().await
    };
}

macro_rules! handler_of {
    ($db:ident, $conn:ident, $wait:ident) => {
        #[handler]
        async fn call_tool($db: &mut Session<Sqlite>) -> Result<(), Error> {
            $db.lease(async |$conn| {
                sqlx::query("DELETE FROM calls").execute($conn).await?;
                $wait!();
                Ok(())
            })
            .await
        }
    };
}

handler_of!(db, conn, wait);

fn main() {}
