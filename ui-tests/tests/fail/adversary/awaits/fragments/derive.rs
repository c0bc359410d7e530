// A derive that is handed on as a path.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

macro_rules! register {
    () => {
        remote().await;
    };
}
use register;

macro_rules! handler_of {
    ($db:ident, $conn:ident, $derive:path) => {
        #[handler]
        async fn call_tool($db: &mut Session<Sqlite>) -> Result<(), Error> {
            $db.lease(async |$conn| {
                sqlx::query("DELETE FROM calls").execute($conn).await?;
                #[derive($derive)]
                struct Row;
                let _ = Row;
                Ok(())
            })
            .await
        }
    };
}

handler_of!(db, conn, shortlease_hostile_macros::Registered);

fn main() {}
