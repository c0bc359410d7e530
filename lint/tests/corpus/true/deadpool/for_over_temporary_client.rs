// The rows of a for loop come from a temporary client that lives as long as the loop.
use deadpool_postgres::Pool;

pub async fn purge_all(pool: &Pool, storage: &Storage) -> anyhow::Result<()> {
    for row in pool.get().await?.query("SELECT key FROM blobs WHERE orphaned", &[]).await? {
        storage.delete(row.get("key")).await?; //~ SA009
    }
    Ok(())
}

pub struct Storage {
    client: aws_sdk_s3::Client,
}

impl Storage {
    pub async fn delete(&self, key: &str) -> anyhow::Result<()> {
        self.client.delete_object().bucket("blobs").key(key).send().await?;
        Ok(())
    }
}
