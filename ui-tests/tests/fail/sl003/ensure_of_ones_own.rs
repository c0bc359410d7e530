use shortlease::{Error, Session, Sqlite, handler};

macro_rules! ensure {
    ($condition:expr) => {
        if !$condition {
            return Ok(());
        }
    };
}

#[handler]
async fn delete(db: &mut Session<Sqlite>, wanted: bool) -> Result<(), Error> {
    db.lease(async |conn| {
        ensure!(wanted);
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        Ok(())
    })
    .await
}

fn main() {}
