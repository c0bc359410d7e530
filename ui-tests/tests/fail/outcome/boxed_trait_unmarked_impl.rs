use shortlease::{Conn, Sqlite, leased};

#[leased(boxed)]
trait Tools: Send + Sync {
    async fn count(&self, conn: &mut Conn<Sqlite>) -> sqlx::Result<i64>;
}

struct Stored;

impl Tools for Stored {
    async fn count(&self, conn: &mut Conn<Sqlite>) -> sqlx::Result<i64> {
        sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(conn).await
    }
}

fn main() {}
