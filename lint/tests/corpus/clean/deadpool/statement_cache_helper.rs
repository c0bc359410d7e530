// A helper struct borrows the client and only prepares and runs statements.
use deadpool_postgres::{Client, Pool};

pub struct Statements<'c> {
    client: &'c Client,
}

impl<'c> Statements<'c> {
    pub fn new(client: &'c Client) -> Self {
        Self { client }
    }

    pub async fn run(&self, sql: &str) -> Result<u64, tokio_postgres::Error> {
        let statement = self.client.prepare_cached(sql).await?;
        self.client.execute(&statement, &[]).await
    }
}

pub async fn tidy(pool: &Pool) -> anyhow::Result<u64> {
    let client = pool.get().await?;
    let statements = Statements::new(&client);
    let a = statements.run("DELETE FROM a WHERE old").await?;
    let b = statements.run("DELETE FROM b WHERE old").await?;
    Ok(a + b)
}
