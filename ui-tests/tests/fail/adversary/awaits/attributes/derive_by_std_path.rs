// A derive by a path that a module called `std` takes.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

macro_rules! mod_std {
    () => {
        #[derive(shortlease_hostile_macros::Registered)]
        struct Row;
        let _ = Row;
    };
}
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
        mod_std!();
        Ok(())
    })
    .await
}

fn main() {}
