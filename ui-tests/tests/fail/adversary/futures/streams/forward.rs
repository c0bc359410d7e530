// Rows sent into a sink.
use futures::StreamExt;
use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        let rows = sqlx::query("SELECT url FROM tools").fetch(conn);
        rows.map(Ok).forward(futures::sink::drain()).await.unwrap();
        Ok(())
    })
    .await
}

fn main() {}
