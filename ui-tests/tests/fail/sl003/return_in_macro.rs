use shortlease::{Error, Session, Sqlite, handler};

fn denied(why: &str) -> Result<i64, Error> {
    println!("denied: {why}");
    Err(Error::Closed)
}

macro_rules! deny {
    ($why:expr) => {
        return denied($why)
    };
}

#[handler]
async fn delete(db: &mut Session<Sqlite>, admin: bool) -> Result<i64, Error> {
    db.transaction(async |tx| {
        if !admin {
            deny!("not an admin");
        }
        sqlx::query("DELETE FROM tools").execute(tx).await?;
        Ok(0)
    })
    .await
}

fn main() {}
