// A macro call that a macro hands on as an item, and that waits.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

macro_rules! wait {
    () => {
        let _answer = remote().await;
    };
}

macro_rules! handler_of {
    ($db:ident, $conn:ident, $item:item) => {
        #[handler]
        async fn call_tool($db: &mut Session<Sqlite>) -> Result<(), Error> {
            $db.lease(async |$conn| {
                sqlx::query("DELETE FROM calls").execute($conn).await?;
                $item
                Ok(())
            })
            .await
        }
    };
}

handler_of!(db, conn, wait!(););

fn main() {}
