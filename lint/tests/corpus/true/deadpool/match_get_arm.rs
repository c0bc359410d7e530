// The client is bound by the arm of a match and held across a call to the cache cluster.
use deadpool_postgres::Pool;

pub async fn invalidate(pool: &Pool, edge: &EdgeCache, page: i64) -> Result<(), String> {
    match pool.get().await {
        Ok(client) => {
            let row = client
                .query_one("SELECT path FROM pages WHERE id = $1", &[&page])
                .await
                .map_err(|error| error.to_string())?;
            edge.purge(row.get(0)).await.map_err(|error| error.to_string())?; //~ SA001
            Ok(())
        }
        Err(error) => Err(format!("pool: {error}")),
    }
}

pub struct EdgeCache {
    http: reqwest::Client,
}

impl EdgeCache {
    async fn purge(&self, path: &str) -> reqwest::Result<()> {
        self.http.request(reqwest::Method::from_bytes(b"PURGE").unwrap(), path).send().await?;
        Ok(())
    }
}
