use shortlease::{Conn, Sqlite, leased};

#[leased]
async fn load(conn: &Conn<Sqlite>) -> Result<i64, sqlx::Error> {
    let one: i64 = sqlx::query_scalar("SELECT 1").fetch_one(conn).await?;
    Ok(one + sqlx::query_scalar::<_, i64>("SELECT 2").fetch_one(conn).await?)
}

fn main() {}
