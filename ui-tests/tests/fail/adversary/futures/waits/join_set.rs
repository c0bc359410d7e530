// A set of tasks.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;
use tokio::task::JoinSet;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        let mut set = JoinSet::new();
        set.spawn(remote());
        Ok(set.join_next().await.unwrap().unwrap_or_default())
    })
    .await
}

fn main() {}
