// A macro that is called `panic`.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

macro_rules! panic {
    ($($any:tt)*) => {
        std::panic!("{}", remote().await)
    };
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        if false {
            panic!();
        }
        Ok(())
    })
    .await
}

fn main() {}
