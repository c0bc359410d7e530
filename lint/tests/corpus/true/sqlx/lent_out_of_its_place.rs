// A store lends the connection that it keeps, if it keeps one, and waits for a service beside it.
use sqlx::{PgPool, Postgres, pool::PoolConnection};

pub struct Store {
    pool: PgPool,
    conn: Option<PoolConnection<Postgres>>,
}

impl Store {
    pub async fn rename(&mut self, http: &reqwest::Client, id: i64) -> anyhow::Result<()> {
        if let Some(conn) = &mut self.conn {
            let name = http.get("https://names.test").send().await?.text().await?; //~ SA001 SA001
            sqlx::query("UPDATE t SET name = $2 WHERE id = $1").bind(id).bind(name).execute(&mut **conn).await?;
        }
        Ok(())
    }

    pub async fn open(&mut self) -> sqlx::Result<()> {
        self.conn = Some(self.pool.acquire().await?);
        Ok(())
    }
}
