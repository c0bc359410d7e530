// The client lives for one pass of the loop, up to the call that ends it.
use deadpool_postgres::Pool;

pub async fn deliver(pool: Pool, hooks: Hooks) -> anyhow::Result<()> {
    loop {
        let next = {
            let client = pool.get().await?;
            client
                .query_opt("UPDATE hooks SET taken = true WHERE id = (SELECT id FROM hooks WHERE NOT taken LIMIT 1) RETURNING url, body", &[])
                .await?
        };
        let Some(row) = next else {
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            continue;
        };
        hooks.post(row.get(0), row.get(1)).await?;
    }
}

pub struct Hooks(reqwest::Client);

impl Hooks {
    pub async fn post(&self, url: &str, body: String) -> reqwest::Result<()> {
        self.0.post(url).body(body).send().await?;
        Ok(())
    }
}
