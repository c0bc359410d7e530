use shortlease::{Conn, Error, Session, Sqlite, handler, leased};

#[leased]
async fn load(conn: &mut Conn<Sqlite>) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT 1").fetch_one(conn).await
}

#[handler]
async fn tools(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    db.lease(load()).await
}

fn main() {}
