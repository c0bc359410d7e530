use shortlease::{Session, Sqlite, handler};

#[handler(timeout = 5)]
async fn count(db: &mut Session<Sqlite>) -> Result<i64, shortlease::Error> {
    db.fetch_one(sqlx::query_scalar("SELECT count(*) FROM tools")).await
}

fn main() {
    let _ = count;
}
