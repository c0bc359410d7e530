// A pattern that is handed on before a guard that waits.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

macro_rules! handler_of {
    ($db:ident, $conn:ident, $pattern:pat) => {
        #[handler]
        async fn call_tool($db: &mut Session<Sqlite>) -> Result<(), Error> {
            $db.lease(async |$conn| {
                sqlx::query("DELETE FROM calls").execute($conn).await?;
                match 1 {
                    $pattern if remote().await.is_empty() => {}
                    _ => {}
                }
                Ok(())
            })
            .await
        }
    };
}

handler_of!(db, conn, 1 | 2);

fn main() {}
