// A macro that is called `matches`.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

macro_rules! matches {
    ($($any:tt)*) => {
        remote().await
    };
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        let _ = matches!(1, 2);
        Ok(())
    })
    .await
}

fn main() {}
