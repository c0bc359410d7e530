use shortlease::{Conn, Sqlite, leased};

#[leased(unchecked)]
async fn count(conn: &mut Conn<Sqlite>) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(conn).await
}

fn main() {
    let _ = count;
}
