// A macro that defines another, which awaits.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

macro_rules! define {
    () => {
        macro_rules! inner {
            () => {
                remote().await
            };
        }
    };
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        define!();
        inner!();
        Ok(())
    })
    .await
}

fn main() {}
