// A derive that gives out a macro call, which rustc takes out of item position and expands as statements.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[allow(unused_macros)]
macro_rules! register {
    () => {
        remote().await;
    };
}
#[allow(unused_imports)]
pub(crate) use register;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        #[derive(shortlease_hostile_macros::Registered)]
        #[allow(dead_code)]
        struct Row;
        Ok(())
    })
    .await
}

fn main() {}
