use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        tokio::spawn(async move { sqlx::query("DELETE FROM calls").execute(conn).await });
        Ok(())
    })
    .await
}

fn main() {}
