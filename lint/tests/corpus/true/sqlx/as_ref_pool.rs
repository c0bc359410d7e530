// The pool comes as anything that can be referenced as one.
use sqlx::PgPool;

pub async fn bump<P: AsRef<PgPool>>(
    db: P,
    registry: &RegistryApi,
    image: &str,
) -> anyhow::Result<()> {
    let mut tx = db.as_ref().begin().await?;
    sqlx::query("UPDATE images SET pulls = pulls + 1 WHERE name = $1")
        .bind(image)
        .execute(&mut *tx)
        .await?;
    let digest = registry.digest(image).await?; //~ SA001
    sqlx::query("UPDATE images SET digest = $1 WHERE name = $2")
        .bind(digest)
        .bind(image)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(())
}

pub struct RegistryApi(reqwest::Client);

impl RegistryApi {
    pub async fn digest(&self, image: &str) -> anyhow::Result<String> {
        Ok(self.0.head(format!("http://registry/{image}")).send().await?.text().await?)
    }
}
