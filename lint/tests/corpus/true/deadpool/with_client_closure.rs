// A with_client helper hands the client to a closure that also calls a model server.
use deadpool_postgres::{Client, Pool};
use std::future::Future;

pub struct Db {
    pool: Pool,
}

impl Db {
    pub async fn with_client<T, F, Fut>(&self, body: F) -> anyhow::Result<T>
    where
        F: FnOnce(Client) -> Fut,
        Fut: Future<Output = anyhow::Result<T>>,
    {
        let client = self.pool.get().await?;
        body(client).await
    }
}

pub async fn embed(db: &Db, models: &ModelServer, document: i64) -> anyhow::Result<()> {
    db.with_client(|client| async move {
        let row =
            client.query_one("SELECT text FROM documents WHERE id = $1", &[&document]).await?;
        let vector = models.embed(row.get(0)).await?; //~ SA001
        client
            .execute("UPDATE documents SET embedding = $1 WHERE id = $2", &[&vector, &document])
            .await?;
        Ok(())
    })
    .await
}

pub struct ModelServer {
    http: reqwest::Client,
}

impl ModelServer {
    pub async fn embed(&self, text: &str) -> anyhow::Result<Vec<f32>> {
        Ok(self.http.post("http://models/embed").body(text.to_owned()).send().await?.json().await?)
    }
}
