use shortlease::{Conn, Sqlite, leased};

type Lent = Conn<Sqlite>;

#[leased]
async fn count(conn: &mut Lent) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(conn).await
}

fn main() {}
