use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        db.lease(async |conn| {
            sqlx::query("DELETE FROM tools").execute(conn).await?;
            Ok(())
        })
        .await
    })
    .await
}

fn main() {}
