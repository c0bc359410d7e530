use shortlease::{Db, Error, Sqlite};

async fn count(db: &Db<Sqlite>) -> Result<i64, Error> {
    db.fetch_one(sqlx::query_scalar("SELECT count(*) FROM tools")).await
}

fn main() {}
