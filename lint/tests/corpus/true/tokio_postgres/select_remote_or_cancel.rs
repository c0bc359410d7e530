// A select! waits for a signing service or a cancellation while the transaction is open.
use tokio_postgres::Client;
use tokio_util::sync::CancellationToken;

pub async fn countersign(
    client: &mut Client,
    signer: &Signer,
    stop: CancellationToken,
    contract: i64,
) -> anyhow::Result<()> {
    let tx = client.transaction().await?;
    tx.execute("SELECT 1 FROM contracts WHERE id = $1 FOR UPDATE", &[&contract]).await?;
    let signature = tokio::select! { //~ SA001
        signature = signer.sign(contract) => signature?,
        _ = stop.cancelled() => anyhow::bail!("stopped"),
    };
    tx.execute("UPDATE contracts SET signature = $1 WHERE id = $2", &[&signature, &contract])
        .await?;
    tx.commit().await?;
    Ok(())
}

pub struct Signer(reqwest::Client);

impl Signer {
    pub async fn sign(&self, contract: i64) -> anyhow::Result<String> {
        Ok(self.0.post(format!("http://signer/{contract}")).send().await?.text().await?)
    }
}
