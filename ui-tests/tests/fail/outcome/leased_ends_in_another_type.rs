use shortlease::{Conn, Sqlite, leased};

#[leased]
async fn count(conn: &mut Conn<Sqlite>) -> Result<i64, sqlx::Error> {
    let count: String = sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(conn).await?;
    Ok(count)
}

fn main() {}
