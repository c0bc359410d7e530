use shortlease::{Error, Session, Sqlite, leased};

struct Tools;

#[leased]
impl Tools {
    async fn count(&self, db: &mut Session<Sqlite>) -> Result<i64, Error> {
        db.fetch_one(sqlx::query_scalar("SELECT count(*) FROM tools")).await
    }
}

fn main() {}
