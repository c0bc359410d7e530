use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        conn.unchecked(" ", async |raw| sqlx::raw_sql("VACUUM").execute(raw).await).await?;
        Ok(())
    })
    .await
}

fn main() {
    let _ = call_tool;
}
