use shortlease::{Db, Error, Sqlite};

async fn count(db: &Db<Sqlite>) -> Result<i64, Error> {
    db.snapshot(async |conn| {
        sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(conn).await
    })
    .await
}

fn main() {}
