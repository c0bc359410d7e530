use async_trait::async_trait;
use shortlease::{Conn, Sqlite, leased};

struct Tools;

#[async_trait]
impl Count for Tools {
    #[leased]
    async fn count(&self, conn: &mut Conn<Sqlite>) -> Result<i64, sqlx::Error> {
        sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(conn).await
    }
}

#[async_trait]
trait Count {
    async fn count(&self, conn: &mut Conn<Sqlite>) -> Result<i64, sqlx::Error>;
}

fn main() {}
