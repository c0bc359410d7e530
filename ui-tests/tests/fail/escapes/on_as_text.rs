use shortlease::{Conn, Sqlite, leased};

#[leased(on = "conn")]
async fn count(conn: &mut Conn<Sqlite>) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT 1").fetch_one(conn).await
}

fn main() {}
