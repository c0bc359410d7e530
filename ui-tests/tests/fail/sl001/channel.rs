use shortlease::{Error, Session, Sqlite, handler};
use tokio::sync::mpsc::Receiver;

#[handler]
async fn drain(db: &mut Session<Sqlite>, urls: &mut Receiver<String>) -> Result<(), Error> {
    db.lease(async |conn| {
        while let Some(url) = urls.recv().await {
            sqlx::query("UPDATE tools SET url = $1").bind(url).execute(&mut *conn).await?;
        }
        Ok(())
    })
    .await
}

fn main() {}
