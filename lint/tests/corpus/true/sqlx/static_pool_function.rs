// The pool is a static behind a function, and its connection is held over a call.
use sqlx::MySqlPool;
use std::sync::OnceLock;

static POOL: OnceLock<MySqlPool> = OnceLock::new();

pub fn db() -> &'static MySqlPool {
    POOL.get().expect("the pool is set in main")
}

pub async fn unsubscribe(token: &str, list: &ListApi) -> anyhow::Result<()> {
    let mut conn = db().acquire().await?;
    let email: String = sqlx::query_scalar("SELECT email FROM subscriptions WHERE token = ?")
        .bind(token)
        .fetch_one(&mut *conn)
        .await?;
    list.remove(&email).await?; //~ SA001
    sqlx::query("DELETE FROM subscriptions WHERE token = ?")
        .bind(token)
        .execute(&mut *conn)
        .await?;
    Ok(())
}

pub struct ListApi {
    http: reqwest::Client,
}

impl ListApi {
    pub async fn remove(&self, email: &str) -> reqwest::Result<()> {
        self.http.delete(format!("http://lists/{email}")).send().await?;
        Ok(())
    }
}
