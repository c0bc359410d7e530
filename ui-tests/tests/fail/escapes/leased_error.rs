use shortlease::{Conn, Sqlite, leased};

#[leased(error = shortlease::Error)]
async fn count(conn: &mut Conn<Sqlite>) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(conn).await
}

fn main() {
    let _ = count;
}
