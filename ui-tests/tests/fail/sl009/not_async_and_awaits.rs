use shortlease::{Conn, Sqlite, leased};

#[leased]
fn count(conn: &mut Conn<Sqlite>) -> Result<i64, sqlx::Error> {
    let count = sqlx::query_scalar("SELECT count(*) FROM calls").fetch_one(conn).await?;
    Ok(count)
}

fn main() {
    let _ = count;
}
