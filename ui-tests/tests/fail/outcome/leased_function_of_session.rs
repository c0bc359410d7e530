use shortlease::{Conn, Error, Session, Sqlite, handler, leased};

#[leased]
async fn load(conn: &mut Conn<Sqlite>, id: i64) -> sqlx::Result<String> {
    sqlx::query_scalar("SELECT url FROM tools WHERE id = $1").bind(id).fetch_one(conn).await
}

#[handler]
async fn url(db: &mut Session<Sqlite>) -> Result<String, Error> {
    Ok(load(db, 1).await?)
}

fn main() {}
