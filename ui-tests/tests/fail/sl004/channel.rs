use shortlease::{Error, Session, Sqlite, handler};
use tokio::sync::mpsc::Receiver;

#[handler]
async fn record(db: &mut Session<Sqlite>, outputs: &mut Receiver<String>) -> Result<(), Error> {
    db.lease(async |conn| {
        let output = outputs.blocking_recv();
        sqlx::query("INSERT INTO calls (tool, output) VALUES (1, $1)").bind(output).execute(conn).await?;
        Ok(())
    })
    .await
}

fn main() {}
