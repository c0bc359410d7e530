// The stream reads from a bucket; the transaction was only lent to mark the file as seen.
use futures::StreamExt;
use futures::stream::BoxStream;
use sqlx::{PgPool, Postgres, Transaction};

pub struct Reports {
    key: String,
    bucket: Bucket,
}

impl Reports {
    async fn into_stream(
        self,
        tx: &mut Transaction<'_, Postgres>,
    ) -> anyhow::Result<BoxStream<'static, Report>> {
        sqlx::query("INSERT INTO seen_files (key) VALUES ($1)")
            .bind(&self.key)
            .execute(&mut **tx)
            .await?;
        Ok(self.bucket.lines(&self.key))
    }
}

pub async fn take_in(pool: &PgPool, reports: Reports) -> anyhow::Result<()> {
    let mut tx = pool.begin().await?;
    let mut lines = reports.into_stream(&mut tx).await?;
    while let Some(report) = lines.next().await { //~ SA001
        sqlx::query("INSERT INTO reports (body) VALUES ($1)")
            .bind(report.body)
            .execute(&mut *tx)
            .await?;
    }
    tx.commit().await?;
    Ok(())
}
