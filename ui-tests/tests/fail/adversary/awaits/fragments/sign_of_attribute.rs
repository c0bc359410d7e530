// The sign of an attribute, handed on as a token.
use shortlease::{Error, Session, Sqlite, handler};

macro_rules! handler_of {
    ($db:ident, $conn:ident, $hash:tt) => {
        #[handler]
        async fn call_tool($db: &mut Session<Sqlite>) -> Result<(), Error> {
            $db.lease(async |$conn| {
                sqlx::query("DELETE FROM calls").execute($conn).await?;
                $hash [shortlease_hostile_macros::awaits]
                fn nothing() {}
                nothing();
                Ok(())
            })
            .await
        }
    };
}

handler_of!(db, conn, #);

fn main() {}
