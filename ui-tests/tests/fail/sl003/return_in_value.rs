use shortlease::{Error, Session, Sqlite, handler};

macro_rules! cached {
    ($cached:expr) => {
        match $cached {
            Some(value) => return Ok(value),
            None => fresh(),
        }
    };
}

fn fresh() -> Result<i64, Error> {
    Ok(1)
}

#[handler]
async fn count(db: &mut Session<Sqlite>, known: Option<i64>) -> Result<i64, Error> {
    db.lease(async |conn| {
        let count = cached!(known)?;
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        Ok(count + 100)
    })
    .await
}

fn main() {}
