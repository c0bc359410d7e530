// The sign of a macro call, handed on as a token.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

macro_rules! wait {
    () => {
        remote().await
    };
}

macro_rules! handler_of {
    ($db:ident, $conn:ident, $bang:tt) => {
        #[handler]
        async fn call_tool($db: &mut Session<Sqlite>) -> Result<(), Error> {
            $db.lease(async |$conn| {
                sqlx::query("DELETE FROM calls").execute($conn).await?;
                wait $bang ();
                Ok(())
            })
            .await
        }
    };
}

handler_of!(db, conn, !);

fn main() {}
