// A helper struct that borrows the client waits for a lock service in one of its methods.
use deadpool_postgres::{Client, Pool};

pub struct Locked<'c> {
    client: &'c Client,
    locks: &'c LockService,
}

impl Locked<'_> {
    pub async fn rename(&self, id: i64, name: &str) -> anyhow::Result<()> {
        let ticket = self.locks.take(id).await?; //~ SA001
        self.client
            .execute(
                "UPDATE shops SET name = $1, ticket = $2 WHERE id = $3",
                &[&name, &ticket, &id],
            )
            .await?;
        Ok(())
    }
}

pub async fn rename(pool: &Pool, locks: &LockService, id: i64, name: &str) -> anyhow::Result<()> {
    let client = pool.get().await?;
    Locked { client: &client, locks }.rename(id, name).await
}

pub struct LockService(reqwest::Client);

impl LockService {
    pub async fn take(&self, id: i64) -> anyhow::Result<String> {
        Ok(self.0.post(format!("http://locks/{id}")).send().await?.text().await?)
    }
}
