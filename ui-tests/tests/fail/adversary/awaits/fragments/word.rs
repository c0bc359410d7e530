// The word behind the dot, handed on as a name.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

macro_rules! handler_of {
    ($db:ident, $conn:ident, $wait:ident) => {
        #[handler]
        async fn call_tool($db: &mut Session<Sqlite>) -> Result<(), Error> {
            $db.lease(async |$conn| {
                sqlx::query("DELETE FROM calls").execute($conn).await?;
                drop(remote().$wait);
                Ok(())
            })
            .await
        }
    };
}

handler_of!(db, conn, await);

fn main() {}
