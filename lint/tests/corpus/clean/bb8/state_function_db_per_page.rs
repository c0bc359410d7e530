// A worker's function takes its connection again for each page and pauses with none.
use bb8::Pool;
use bb8_postgres::PostgresConnectionManager;
use std::time::Duration;
use tokio_postgres::NoTls;

pub async fn backfill(pool: Pool<PostgresConnectionManager<NoTls>>) -> anyhow::Result<u64> {
    let mut total = 0;
    loop {
        let conn = pool.get().await?;
        let done = conn
            .execute("UPDATE docs SET words = word_count(body) WHERE id IN (SELECT id FROM docs WHERE words IS NULL LIMIT 500)", &[])
            .await?;
        drop(conn);
        total += done;
        if done == 0 {
            return Ok(total);
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
