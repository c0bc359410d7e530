// The block has no await of its own, but a macro that waits.
use sqlx::PgPool;

async fn ping(http: &reqwest::Client, url: &str) {
    let _ = http.get(url).send().await;
}

pub async fn wake(pool: &PgPool, http: &reqwest::Client) -> anyhow::Result<()> {
    let mut tx = pool.begin().await?;
    sqlx::query("UPDATE lamps SET lit = true").execute(&mut *tx).await?;
    async {
        tokio::join!(ping(http, "http://left"), ping(http, "http://right"));
    }
    .await; //~ SA001
    tx.commit().await?;
    Ok(())
}
