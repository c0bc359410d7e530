// A macro that is called `ensure`, in a closure.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

macro_rules! ensure {
    ($any:expr) => {
        drop(remote().await)
    };
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        let _ = [1].iter().map(|_| 1).map(|_| 2).count();
        ensure!(true);
        Ok(())
    })
    .await
}

fn main() {}
