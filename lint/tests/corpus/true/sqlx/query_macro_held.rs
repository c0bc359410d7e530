// Checked query macros on a transaction, and a signature service in between.
use sqlx::PgPool;

pub struct Contracts {
    pool: PgPool,
    signatures: SignatureApi,
}

impl Contracts {
    pub async fn sign(&self, id: i64) -> Result<String, ContractError> {
        let mut tx = self.pool.begin().await?;
        let contract =
            sqlx::query!("SELECT body, signer FROM contracts WHERE id = $1 FOR UPDATE", id)
                .fetch_one(&mut *tx)
                .await?;
        let signature = self.signatures.sign(&contract.signer, &contract.body).await?; //~ SA001
        sqlx::query!("UPDATE contracts SET signature = $1 WHERE id = $2", signature, id)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(signature)
    }
}

pub struct SignatureApi {
    http: reqwest::Client,
}

impl SignatureApi {
    pub async fn sign(&self, signer: &str, body: &str) -> Result<String, reqwest::Error> {
        self.http.post("http://sign").json(&(signer, body)).send().await?.text().await
    }
}
