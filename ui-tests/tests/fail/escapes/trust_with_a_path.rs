use shortlease::{Error, Session, Sqlite, handler};

macro_rules! noop {
    ($value:expr) => {
        $value
    };
}

#[handler(trust(crate::noop))]
async fn count(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    db.lease(async |conn| {
        let count = sqlx::query_scalar("SELECT 1").fetch_one(conn);
        Ok(noop!(count.await)?)
    })
    .await
}

fn main() {}
