// A function that is handed on by its path.
use shortlease::{Error, Session, Sqlite, handler};

macro_rules! handler_of {
    ($db:ident, $conn:ident, $function:path) => {
        #[handler]
        async fn call_tool($db: &mut Session<Sqlite>) -> Result<(), Error> {
            $db.lease(async |$conn| {
                sqlx::query("DELETE FROM calls").execute($conn).await?;
                $function().await;
                Ok(())
            })
            .await
        }
    };
}

handler_of!(db, conn, shortlease_ui_tests::remote);

fn main() {}
