// A function that is lent the transaction waits for an address service.
use tokio_postgres::{Client, Transaction};

pub async fn move_customer(
    client: &mut Client,
    addresses: &Addresses,
    id: i64,
    raw: &str,
) -> anyhow::Result<()> {
    let tx = client.transaction().await?;
    tx.execute("INSERT INTO moves (customer) VALUES ($1)", &[&id]).await?;
    update_address(&tx, addresses, id, raw).await?;
    tx.commit().await?;
    Ok(())
}

async fn update_address(
    tx: &Transaction<'_>,
    addresses: &Addresses,
    id: i64,
    raw: &str,
) -> anyhow::Result<()> {
    let normal = addresses.normalise(raw).await?; //~ SA001
    tx.execute("UPDATE customers SET address = $1 WHERE id = $2", &[&normal, &id]).await?;
    Ok(())
}

pub struct Addresses(reqwest::Client);

impl Addresses {
    pub async fn normalise(&self, raw: &str) -> anyhow::Result<String> {
        Ok(self.0.get("http://addresses").query(&[("q", raw)]).send().await?.text().await?)
    }
}
