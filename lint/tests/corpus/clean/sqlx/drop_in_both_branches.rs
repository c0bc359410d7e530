// Both branches give the connection back before the remote call.
use sqlx::PgPool;

pub async fn open_door(pool: &PgPool, lock: &LockApi, badge: &str) -> anyhow::Result<bool> {
    let mut conn = pool.acquire().await?;
    let owner: Option<i64> = sqlx::query_scalar("SELECT owner FROM badges WHERE code = $1")
        .bind(badge)
        .fetch_optional(&mut *conn)
        .await?;
    if let Some(owner) = owner {
        sqlx::query("INSERT INTO entries (owner) VALUES ($1)")
            .bind(owner)
            .execute(&mut *conn)
            .await?;
        drop(conn);
    } else {
        sqlx::query("INSERT INTO refused (badge) VALUES ($1)")
            .bind(badge)
            .execute(&mut *conn)
            .await?;
        conn.close().await?;
    }
    lock.signal(owner.is_some()).await?;
    Ok(owner.is_some())
}

pub struct LockApi(reqwest::Client);

impl LockApi {
    pub async fn signal(&self, open: bool) -> reqwest::Result<()> {
        self.0.post("http://lock").body(open.to_string()).send().await?;
        Ok(())
    }
}
