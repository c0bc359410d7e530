use std::time::Duration;

use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        std::thread::scope(|scope| {
            scope.spawn(|| std::thread::sleep(Duration::from_secs(1)));
        });
        Ok(())
    })
    .await
}

fn main() {}
