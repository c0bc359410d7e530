// A connection in a field, and a method of its own that awaits.
use shortlease::{Conn, Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

struct Tools<'c> {
    conn: &'c mut Conn<Sqlite>,
}

impl Tools<'_> {
    async fn count(&mut self) -> Result<i64, Error> {
        remote().await;
        Ok(sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(&mut *self.conn).await?)
    }
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    db.lease(async |conn| {
        let mut tools = Tools { conn };
        tools.count().await
    })
    .await
}

fn main() {}
