// The second connection is taken two calls below the function that holds the first.
use sqlx::{PgConnection, PgPool};

pub struct Settings<'a> {
    pool: &'a PgPool,
}

impl Settings<'_> {
    async fn raw(&self, name: &str) -> sqlx::Result<Option<String>> {
        let mut conn = self.pool.acquire().await?;
        sqlx::query_scalar("SELECT value FROM settings WHERE name = $1")
            .bind(name)
            .fetch_optional(&mut *conn)
            .await
    }

    pub async fn limit(&self) -> sqlx::Result<i64> {
        Ok(self.raw("limit").await?.and_then(|text| text.parse().ok()).unwrap_or(100))
    }
}

pub async fn prune(pool: &PgPool) -> sqlx::Result<u64> {
    let mut conn = pool.acquire().await?;
    let settings = Settings { pool };
    let limit = settings.limit().await?; //~ SA002
    delete_over(&mut conn, limit).await
}

async fn delete_over(conn: &mut PgConnection, limit: i64) -> sqlx::Result<u64> {
    let done = sqlx::query("DELETE FROM visits WHERE id <= (SELECT max(id) - $1 FROM visits)")
        .bind(limit)
        .execute(conn)
        .await?;
    Ok(done.rows_affected())
}
