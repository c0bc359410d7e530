use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        conn.savepoint(async |sp| {
            sqlx::query("DELETE FROM calls").execute(sp).await?;
            Ok(())
        })
        .await
    })
    .await
}

fn main() {}
