// An attribute that is handed on.
use shortlease::{Error, Session, Sqlite, handler};

macro_rules! handler_of {
    ($db:ident, $conn:ident, $attribute:meta) => {
        #[handler]
        async fn call_tool($db: &mut Session<Sqlite>) -> Result<(), Error> {
            $db.lease(async |$conn| {
                sqlx::query("DELETE FROM calls").execute($conn).await?;
                #[$attribute]
                fn nothing() {}
                nothing();
                Ok(())
            })
            .await
        }
    };
}

handler_of!(db, conn, shortlease_hostile_macros::awaits);

fn main() {}
