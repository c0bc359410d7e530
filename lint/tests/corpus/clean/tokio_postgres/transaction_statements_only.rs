// The transaction sees statements and helpers that are lent it.
use tokio_postgres::{Client, Error, Transaction};

pub async fn move_customer(client: &mut Client, id: i64, city: &str) -> Result<(), Error> {
    let tx = client.transaction().await?;
    update_city(&tx, id, city).await?;
    log_move(&tx, id).await?;
    tx.commit().await
}

async fn update_city(tx: &Transaction<'_>, id: i64, city: &str) -> Result<u64, Error> {
    let statement = tx.prepare("UPDATE customers SET city = $1 WHERE id = $2").await?;
    tx.execute(&statement, &[&city, &id]).await
}

async fn log_move(tx: &Transaction<'_>, id: i64) -> Result<u64, Error> {
    tx.execute("INSERT INTO moves (customer) VALUES ($1)", &[&id]).await
}
