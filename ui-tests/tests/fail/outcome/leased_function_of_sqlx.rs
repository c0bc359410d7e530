use shortlease::{Conn, Sqlite, leased};
use sqlx::SqlitePool;

#[leased]
async fn load(conn: &mut Conn<Sqlite>, id: i64) -> Result<String, sqlx::Error> {
    sqlx::query_scalar("SELECT url FROM tools WHERE id = $1").bind(id).fetch_one(conn).await
}

// Not converted yet.
async fn url(pool: &SqlitePool, id: i64) -> Result<String, sqlx::Error> {
    let mut tx = pool.begin().await?;
    load(&mut tx, id).await
}

fn main() {}
