// A macro takes a client and calls the closure that it is given with it; the closure only runs statements.
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
    pub async fn rename(&self, id: i64) -> anyhow::Result<()> {
        let answer = self.http.get("http://names/next").send().await?;
        let name = answer.text().await?;
        using_client!(self.pool, async |client| {
            client.execute("UPDATE places SET name = $1 WHERE id = $2", &[&name, &id]).await?;
            client.execute("INSERT INTO renamed (id) VALUES ($1)", &[&id]).await?;
            Ok(())
        })
    }
}
