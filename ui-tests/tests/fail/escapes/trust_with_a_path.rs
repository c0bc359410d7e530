use shortlease::{Error, Session, Sqlite, handler};

macro_rules! wait {
    ($future:expr) => {
        $future.await
    };
}

#[handler(trust(crate::wait))]
async fn count(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    db.lease(async |conn| {
        let count = sqlx::query_scalar("SELECT 1").fetch_one(conn);
        Ok(wait!(count)?)
    })
    .await
}

fn main() {}
