// A chunk is committed before the remote call, and a new transaction takes its place after it.
use sqlx::PgPool;

pub async fn import(
    pool: &PgPool,
    progress: &Progress,
    rows: &[(i64, String)],
) -> anyhow::Result<()> {
    let mut tx = pool.begin().await?;
    for (n, (id, text)) in rows.iter().enumerate() {
        sqlx::query("INSERT INTO imported (id, text) VALUES ($1, $2)")
            .bind(id)
            .bind(text)
            .execute(&mut *tx)
            .await?;
        if n % 1000 == 999 {
            tx.commit().await?;
            progress.report(n).await?;
            tx = pool.begin().await?;
        }
    }
    tx.commit().await?;
    Ok(())
}

pub struct Progress(reqwest::Client);

impl Progress {
    pub async fn report(&self, n: usize) -> anyhow::Result<()> {
        self.0.post("http://progress").body(n.to_string()).send().await?;
        Ok(())
    }
}
