// Commit ends the transaction, drop ends the client, then the label is printed.
use deadpool_postgres::Pool;

pub async fn ship(pool: &Pool, carrier: &Carrier, parcel: i64) -> anyhow::Result<String> {
    let mut client = pool.get().await?;
    let tx = client.transaction().await?;
    let row = tx
        .query_one(
            "UPDATE parcels SET state = 'packed' WHERE id = $1 RETURNING address",
            &[&parcel],
        )
        .await?;
    let address: String = row.get(0);
    tx.commit().await?;
    drop(client);
    carrier.label(&address).await
}

pub struct Carrier(reqwest::Client);

impl Carrier {
    pub async fn label(&self, address: &str) -> anyhow::Result<String> {
        Ok(self.0.post("http://carrier").body(address.to_owned()).send().await?.text().await?)
    }
}
