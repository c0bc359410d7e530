// A statement helper of the code base takes its client out of a static and gives it back before it returns.
use sqlx::{PgPool, postgres::PgRow};
use std::sync::OnceLock;

static DB: OnceLock<PgPool> = OnceLock::new();

pub struct Db;

impl Db {
    fn pool() -> &'static PgPool {
        DB.get().expect("set in main")
    }

    pub async fn rows(sql: &'static str, id: i64) -> sqlx::Result<Vec<PgRow>> {
        let mut conn = Self::pool().acquire().await?;
        sqlx::query(sql).bind(id).fetch_all(&mut *conn).await
    }
}

pub async fn sync(http: &reqwest::Client, id: i64) -> anyhow::Result<usize> {
    let before = Db::rows("SELECT * FROM attributes WHERE owner = $1", id).await?;
    http.post("http://directory/sync").body(id.to_string()).send().await?;
    let after = Db::rows("SELECT * FROM attributes WHERE owner = $1", id).await?;
    Ok(after.len().abs_diff(before.len()))
}
