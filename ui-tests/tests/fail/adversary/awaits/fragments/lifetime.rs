// A label that is handed on.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

macro_rules! handler_of {
    ($db:ident, $conn:ident, $label:lifetime) => {
        #[handler]
        async fn call_tool($db: &mut Session<Sqlite>) -> Result<(), Error> {
            $db.lease(async |$conn| {
                sqlx::query("DELETE FROM calls").execute($conn).await?;
                $label: loop {
                    break $label drop(remote().await);
                }
                Ok(())
            })
            .await
        }
    };
}

handler_of!(db, conn, 'wait);

fn main() {}
