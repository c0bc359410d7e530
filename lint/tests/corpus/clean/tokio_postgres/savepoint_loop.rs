// Savepoints are begun on the transaction and ended on every path.
use tokio_postgres::{Client, Error};

pub async fn insert_lenient(client: &mut Client, names: &[&str]) -> Result<usize, Error> {
    let mut tx = client.transaction().await?;
    let mut stored = 0;
    for name in names {
        let point = tx.savepoint("row").await?;
        match point.execute("INSERT INTO names (name) VALUES ($1)", &[name]).await {
            Ok(_) => {
                point.commit().await?;
                stored += 1;
            }
            Err(_) => point.rollback().await?,
        }
    }
    tx.commit().await?;
    Ok(stored)
}
