use shortlease::{Conn, Sqlite, handler};

#[handler]
async fn load_url(conn: &mut Conn<Sqlite>, id: i64) -> Result<String, sqlx::Error> {
    sqlx::query_scalar("SELECT url FROM tools WHERE id = $1").bind(id).fetch_one(conn).await
}

fn main() {}
