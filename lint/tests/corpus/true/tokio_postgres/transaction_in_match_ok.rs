// The transaction is bound in an Ok arm and held over a call to a notary.
use tokio_postgres::Client;

pub async fn notarise(client: &mut Client, notary: &Notary, deed: i64) -> Result<(), String> {
    match client.transaction().await {
        Ok(tx) => {
            let row = tx
                .query_one("SELECT hash FROM deeds WHERE id = $1 FOR UPDATE", &[&deed])
                .await
                .map_err(|error| error.to_string())?;
            let stamp = notary.stamp(row.get(0)).await.map_err(|error| error.to_string())?; //~ SA001
            tx.execute("UPDATE deeds SET stamp = $1 WHERE id = $2", &[&stamp, &deed])
                .await
                .map_err(|error| error.to_string())?;
            tx.commit().await.map_err(|error| error.to_string())
        }
        Err(error) => Err(error.to_string()),
    }
}

pub struct Notary(reqwest::Client);

impl Notary {
    pub async fn stamp(&self, hash: &str) -> reqwest::Result<String> {
        self.0.post("http://notary").body(hash.to_owned()).send().await?.text().await
    }
}
