// The arms of a `match`, handed on as tokens.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

macro_rules! handler_of {
    ($db:ident, $conn:ident, $arms:tt) => {
        #[handler]
        async fn call_tool($db: &mut Session<Sqlite>) -> Result<(), Error> {
            $db.lease(async |$conn| {
                sqlx::query("DELETE FROM calls").execute($conn).await?;
                match 1 $arms
                Ok(())
            })
            .await
        }
    };
}

handler_of!(db, conn, { 1 => drop(remote().await), _ => {} });

fn main() {}
