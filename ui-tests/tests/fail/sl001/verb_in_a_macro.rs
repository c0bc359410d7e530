use shortlease::{Error, Session, Sqlite, handler};

macro_rules! bump {
    ($conn:expr) => {
        sqlx::query("UPDATE tools SET calls = calls + 1").execute($conn)
    };
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        bump!(&mut *conn).await?;
        Ok(())
    })
    .await
}

fn main() {}
