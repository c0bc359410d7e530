// A whole lease that a macro hands on as an expression.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

macro_rules! handler_of {
    ($db:ident, $lease:expr) => {
        #[handler]
        async fn call_tool($db: &mut Session<Sqlite>) -> Result<String, Error> {
            $lease.await
        }
    };
}

handler_of!(
    db,
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        Ok(remote().await)
    })
);

fn main() {}
