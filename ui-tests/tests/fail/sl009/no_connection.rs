use shortlease::{Session, Sqlite, leased};

#[leased]
async fn count(db: &mut Session<Sqlite>) -> Result<i64, shortlease::Error> {
    db.fetch_one(sqlx::query_scalar("SELECT count(*) FROM tools")).await
}

fn main() {
    let _ = count;
}
