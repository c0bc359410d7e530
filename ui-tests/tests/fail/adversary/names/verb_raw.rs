// A verb of my own, by its raw name.
use shortlease::{Conn, Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

struct Tools;

impl Tools {
    async fn fetch_one(self, _conn: &mut Conn<Sqlite>) -> Result<String, Error> {
        Ok(remote().await)
    }
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        Tools.r#fetch_one(conn).await
    })
    .await
}

fn main() {}
