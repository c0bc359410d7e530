// What is awaited calls out for seconds, and reads from the pool afterwards: the remote call is the mistake.
use sqlx::PgPool;

pub struct App {
    pool: PgPool,
    http: reqwest::Client,
}

async fn perform(app: &App, job: i64) -> anyhow::Result<()> {
    app.http.post("https://work.test/").json(&job).send().await?;
    sqlx::query("SELECT 1 FROM jobs WHERE id = $1").bind(job).fetch_one(&app.pool).await?;
    Ok(())
}

pub async fn step(app: &App) -> anyhow::Result<()> {
    let mut tx = app.pool.begin().await?;
    let job: i64 = sqlx::query_scalar("SELECT id FROM jobs FOR UPDATE SKIP LOCKED LIMIT 1")
        .fetch_one(&mut *tx)
        .await?;
    perform(app, job).await?; //~ SA001
    sqlx::query("UPDATE jobs SET done_at = now() WHERE id = $1").bind(job).execute(&mut *tx).await?;
    tx.commit().await?;
    Ok(())
}
