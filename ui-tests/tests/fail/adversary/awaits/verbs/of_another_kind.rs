// Call a remote future `fetch_one`, and make it the whole body.
use shortlease::{Conn, Error, Session, Sqlite, handler};

struct Backend;

impl Backend {
    async fn fetch_one(self, _: &mut Conn<Sqlite>) -> Result<i64, Error> {
        tokio::time::sleep(std::time::Duration::from_secs(30)).await;
        Ok(1)
    }
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    db.lease(async |conn| Backend.fetch_one(conn).await).await
}

fn main() {}
