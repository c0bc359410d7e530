// A macro that is called `bail`, and waits before it does.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

macro_rules! bail {
    () => {{
        remote().await;
        return Err(Error::Closed);
    }};
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        if true {
            bail!();
        }
        Ok(())
    })
    .await
}

fn main() {}
