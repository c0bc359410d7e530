// The connection moves into a task of its own, so the handler no longer holds it when it calls out.
use sqlx::{PgPool, Postgres, pool::PoolConnection};

pub async fn snapshot(pool: &PgPool, http: &reqwest::Client) -> anyhow::Result<()> {
    let mut conn = pool.acquire().await?;
    sqlx::query("UPDATE snapshots SET stale = true").execute(&mut *conn).await?;
    tokio::spawn(vacuum(conn));
    http.post("http://ops/snapshots").send().await?;
    Ok(())
}

async fn vacuum(mut conn: PoolConnection<Postgres>) {
    if let Err(error) = sqlx::query("VACUUM snapshots").execute(&mut *conn).await {
        tracing::warn!(%error, "vacuum failed");
    }
}
