// Transaction is a type of the payment domain here and has nothing to do with a database.
use serde::{Deserialize, Serialize};

#[derive(Clone, Serialize, Deserialize)]
pub struct Transaction {
    pub id: String,
    pub cents: i64,
}

pub struct Processor {
    http: reqwest::Client,
    pool: sqlx::PgPool,
}

impl Processor {
    pub async fn submit(&self, tx: Transaction) -> anyhow::Result<String> {
        let answer = self.http.post("http://acquirer/transactions").json(&tx).send().await?;
        let reference = answer.text().await?;
        sqlx::query("INSERT INTO submitted (id, reference) VALUES ($1, $2)")
            .bind(&tx.id)
            .bind(&reference)
            .execute(&self.pool)
            .await?;
        Ok(reference)
    }
}
