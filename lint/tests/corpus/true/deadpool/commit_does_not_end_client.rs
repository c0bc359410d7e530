// The transaction ends, but the client it came from is still checked out.
use deadpool_postgres::{Pool, PoolError};

pub async fn ship(pool: &Pool, carrier: &Carrier, parcel: i64) -> Result<String, ShipError> {
    let mut client = pool.get().await?;
    let tx = client.transaction().await?;
    let row = tx
        .query_one(
            "UPDATE parcels SET state = 'packed' WHERE id = $1 RETURNING address",
            &[&parcel],
        )
        .await?;
    let address: String = row.get("address");
    tx.commit().await?;
    let label = carrier.print_label(&address).await?; //~ SA001
    Ok(label)
}

pub struct Carrier {
    http: reqwest::Client,
}

impl Carrier {
    pub async fn print_label(&self, address: &str) -> Result<String, reqwest::Error> {
        self.http.post("http://carrier/labels").body(address.to_owned()).send().await?.text().await
    }
}
