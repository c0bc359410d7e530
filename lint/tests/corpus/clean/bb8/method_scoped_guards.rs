// Each method of the repository keeps its guard to itself; the service calls out between two of them.
use bb8::{Pool, PooledConnection, RunError};
use bb8_postgres::PostgresConnectionManager;
use tokio_postgres::NoTls;

type Manager = PostgresConnectionManager<NoTls>;

#[derive(Clone)]
pub struct Phrases {
    pool: Pool<Manager>,
}

impl Phrases {
    async fn conn(&self) -> Result<PooledConnection<'_, Manager>, RunError<tokio_postgres::Error>> {
        self.pool.get().await
    }

    pub async fn text(&self, key: &str) -> anyhow::Result<String> {
        Ok(self
            .conn()
            .await?
            .query_one("SELECT text FROM phrases WHERE key = $1", &[&key])
            .await?
            .get(0))
    }

    pub async fn store(&self, key: &str, text: &str) -> anyhow::Result<()> {
        let conn = self.conn().await?;
        conn.execute("UPDATE phrases SET german = $1 WHERE key = $2", &[&text, &key]).await?;
        Ok(())
    }
}

pub async fn translate(phrases: &Phrases, http: &reqwest::Client, key: &str) -> anyhow::Result<()> {
    let english = phrases.text(key).await?;
    let german = http.post("http://translate/de").body(english).send().await?.text().await?;
    phrases.store(key, &german).await
}
