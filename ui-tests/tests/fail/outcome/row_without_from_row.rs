use shortlease::{Error, Session, Sqlite, handler};

pub struct Tool {
    pub id: i64,
}

#[handler]
pub async fn tools(db: &mut Session<Sqlite>) -> Result<Vec<Tool>, Error> {
    db.fetch_all(sqlx::query_as("SELECT id FROM tools")).await
}

fn main() {}
