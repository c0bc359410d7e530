// The repository's own method gives out the client, and the caller holds it across an upload.
use deadpool_postgres::{Client, Pool};

#[derive(Clone)]
pub struct Database {
    pool: Pool,
}

impl Database {
    pub async fn client(&self) -> Result<Client, DbError> {
        self.pool.get().await.map_err(DbError::from)
    }
}

pub struct Avatars {
    db: Database,
    bucket: s3::Bucket,
}

impl Avatars {
    pub async fn replace(&self, user: uuid::Uuid, image: &[u8]) -> Result<(), DbError> {
        let client = self.db.client().await?;
        let statement = client.prepare_cached("SELECT avatar_key FROM users WHERE id = $1").await?;
        let row = client.query_one(&statement, &[&user]).await?;
        let key: String = row.get(0);
        self.bucket.put_object(&key, image).await?; //~ SA001
        client.execute("UPDATE users SET avatar_at = now() WHERE id = $1", &[&user]).await?;
        Ok(())
    }
}
