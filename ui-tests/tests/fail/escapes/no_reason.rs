use shortlease::{Error, Session, Sqlite, handler};

#[handler(allow(SL005))]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("SET search_path = acme").execute(conn).await?;
        Ok(())
    })
    .await
}

fn main() {}
