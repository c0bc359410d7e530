// A derive behind one of std's.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

macro_rules! register {
    () => {
        remote().await;
    };
}
use register;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        #[derive(Clone, shortlease_hostile_macros::Registered)]
        struct Row;
        let _ = Row;
        Ok(())
    })
    .await
}

fn main() {}
