use async_trait::async_trait;
use shortlease::{Conn, Sqlite, leased};

struct Tools;

#[async_trait]
trait Count {
    async fn count(&self, conn: &mut Conn<Sqlite>) -> Result<i64, sqlx::Error>;
    async fn calls(&self, conn: &mut Conn<Sqlite>) -> Result<i64, sqlx::Error>;
}

#[async_trait]
#[leased]
impl Count for Tools {
    async fn count(&self, conn: &mut Conn<Sqlite>) -> Result<i64, sqlx::Error> {
        sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(conn).await
    }

    async fn calls(&self, conn: &mut Conn<Sqlite>) -> Result<i64, sqlx::Error> {
        sqlx::query_scalar("SELECT count(*) FROM calls").fetch_one(conn).await
    }
}

fn main() {}
