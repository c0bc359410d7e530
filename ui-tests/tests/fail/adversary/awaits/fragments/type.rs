// A type that is handed on before a value that waits.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

macro_rules! handler_of {
    ($db:ident, $conn:ident, $ty:ty) => {
        #[handler]
        async fn call_tool($db: &mut Session<Sqlite>) -> Result<(), Error> {
            $db.lease(async |$conn| {
                sqlx::query("DELETE FROM calls").execute($conn).await?;
                let _ = remote().await.len() as $ty;
                Ok(())
            })
            .await
        }
    };
}

handler_of!(db, conn, u64);

fn main() {}
