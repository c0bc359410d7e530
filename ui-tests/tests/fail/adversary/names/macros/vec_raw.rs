// A `vec!` of my own, by its raw name.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

macro_rules! r#vec {
    ($future:expr) => {
        $future.await
    };
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        Ok(r#vec!(remote()))
    })
    .await
}

fn main() {}
