// A macro behind a reference.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

macro_rules! wait {
    () => {
        remote().await
    };
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<usize, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        let answer = &wait!();
        Ok(answer.len())
    })
    .await
}

fn main() {}
