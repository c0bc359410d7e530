// A file goes to an object store while the client waits for its next statement.
use deadpool_postgres::Pool;
use object_store::path::Path;
use object_store::{ObjectStore, PutPayload};

pub struct Files {
    pool: Pool,
    store: Box<dyn ObjectStore>,
}

impl Files {
    pub async fn keep(&self, name: &str, bytes: Vec<u8>) -> anyhow::Result<i64> {
        let client = self.pool.get().await?;
        let row = client.query_one("INSERT INTO files (name) VALUES ($1) RETURNING id", &[&name]).await?;
        let id: i64 = row.get(0);
        self.store.put(&Path::from(name), PutPayload::from(bytes)).await?; //~ SA001
        client.execute("UPDATE files SET kept = true WHERE id = $1", &[&id]).await?;
        Ok(id)
    }
}
