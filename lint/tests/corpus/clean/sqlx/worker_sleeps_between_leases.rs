// The worker's connection ends with each pass, and it sleeps with none.
use sqlx::PgPool;
use std::time::Duration;

pub async fn run(pool: PgPool) -> anyhow::Result<()> {
    loop {
        let claimed: Option<i64> = {
            let mut tx = pool.begin().await?;
            let id = sqlx::query_scalar(
                "SELECT id FROM jobs WHERE state = 'ready' LIMIT 1 FOR UPDATE SKIP LOCKED",
            )
            .fetch_optional(&mut *tx)
            .await?;
            if let Some(id) = id {
                sqlx::query("UPDATE jobs SET state = 'taken' WHERE id = $1")
                    .bind::<i64>(id)
                    .execute(&mut *tx)
                    .await?;
            }
            tx.commit().await?;
            id
        };
        match claimed {
            Some(id) => work(id).await?,
            None => tokio::time::sleep(Duration::from_secs(1)).await,
        }
    }
}

async fn work(id: i64) -> anyhow::Result<()> {
    reqwest::get(format!("http://executor/{id}")).await?;
    Ok(())
}
