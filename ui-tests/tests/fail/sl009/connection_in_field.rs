use shortlease::{Conn, Sqlite, leased};

struct Tools<'c> {
    conn: &'c mut Conn<Sqlite>,
}

impl Tools<'_> {
    #[leased]
    async fn count(&mut self) -> Result<i64, sqlx::Error> {
        sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(&mut *self.conn).await
    }
}

fn main() {}
