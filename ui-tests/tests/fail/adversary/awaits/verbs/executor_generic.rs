// A function over any executor of `sqlx`, given the leased connection.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;
use sqlx::Executor;

async fn load<'e>(on: impl Executor<'e, Database = Sqlite>) -> sqlx::Result<String> {
    remote().await;
    sqlx::query_scalar("SELECT url FROM tools").fetch_one(on).await
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| Ok(load(conn).await?)).await
}

fn main() {}
