// A fresh connection is acquired before the assignment drops the old one.
use sqlx::PgPool;

pub async fn patient_insert(pool: &PgPool, line: &str) -> anyhow::Result<()> {
    let mut conn = pool.acquire().await?;
    for attempt in 0..3 {
        match sqlx::query("INSERT INTO lines (text) VALUES ($1)")
            .bind(line)
            .execute(&mut *conn)
            .await
        {
            Ok(_) => return Ok(()),
            Err(error) => tracing::warn!(%error, attempt, "retrying on another connection"),
        }
        conn = pool.acquire().await?; //~ SA002
    }
    anyhow::bail!("not inserted")
}
