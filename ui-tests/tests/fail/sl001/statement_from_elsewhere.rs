use shortlease::{Conn, Sqlite, leased};

struct Tools<'c> {
    conn: &'c mut Conn<Sqlite>,
}

impl Tools<'_> {
    #[leased]
    async fn count(&mut self, all: bool) -> Result<i64, sqlx::Error> {
        let query = if all {
            sqlx::query_scalar("SELECT count(*) FROM tools")
        } else {
            sqlx::query_scalar("SELECT count(*) FROM tools WHERE uses > 0")
        };
        query.fetch_one(&mut *self.conn).await
    }
}

fn main() {}
