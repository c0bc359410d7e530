use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn add(db: &mut Session<Sqlite>, name: &str) -> Result<i64, Error> {
    db.execute(sqlx::query("INSERT INTO tools (name) VALUES ($1)").bind(name)).await?;
    db.fetch_one(sqlx::query_scalar("SELECT last_insert_rowid()")).await
}

fn main() {}
