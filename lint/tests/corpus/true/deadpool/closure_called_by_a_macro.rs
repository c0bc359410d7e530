// A macro takes a client and calls the closure that it is given with it; the closure asks a geocoder.
use deadpool_postgres::{Client, Pool};

macro_rules! using_client {
    ($pool:expr, $work:expr) => {{
        let object = $pool.get().await?;
        let client: &Client = &object;
        $work(client).await
    }};
}

pub struct Places {
    pool: Pool,
    http: reqwest::Client,
}

impl Places {
    pub async fn locate(&self, id: i64) -> anyhow::Result<()> {
        using_client!(self.pool, async |client| {
            let row = client.query_one("SELECT address FROM places WHERE id = $1", &[&id]).await?;
            let found = self.http.get(row.get::<_, String>(0)).send().await?; //~ SA001
            let point = found.status().as_u16() as i32;
            client.execute("UPDATE places SET point = $1 WHERE id = $2", &[&point, &id]).await?;
            Ok(())
        })
    }
}
