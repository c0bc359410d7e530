// A body that a macro hands on as a block.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

macro_rules! handler_of {
    ($conn:ident, $body:block) => {
        #[handler]
        async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
            db.lease(async |$conn| $body).await
        }
    };
}

handler_of!(conn, {
    sqlx::query("DELETE FROM calls").execute(conn).await?;
    Ok(remote().await)
});

fn main() {}
