// An await in the value of a `let` with an `else`.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        let Ok(_) = Ok::<_, ()>(remote().await) else { return Ok(()) };
        Ok(())
    })
    .await
}

fn main() {}
