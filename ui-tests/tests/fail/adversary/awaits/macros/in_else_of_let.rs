// A macro in the block behind the `else` of a `let`.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

macro_rules! wait {
    () => {
        remote().await
    };
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        let Some(_) = Some(1) else {
            wait!();
            return Ok(());
        };
        Ok(())
    })
    .await
}

fn main() {}
