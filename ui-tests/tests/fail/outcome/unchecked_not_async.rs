use shortlease::{Error, Session, Sqlite, handler};

async fn copy(conn: &mut sqlx::SqliteConnection) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT 1").execute(conn).await.map(drop)
}

#[handler]
async fn run(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| Ok(conn.unchecked("copies", |raw| copy(raw)).await?)).await
}

fn main() {}
