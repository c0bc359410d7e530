// tx is the sending half of a channel.
use sqlx::PgPool;
use tokio::sync::mpsc;

pub async fn produce(pool: PgPool) -> mpsc::Receiver<i64> {
    let (tx, rx) = mpsc::channel(32);
    tokio::spawn(async move {
        let ids: Vec<i64> =
            sqlx::query_scalar("SELECT id FROM jobs").fetch_all(&pool).await.unwrap_or_default();
        for id in ids {
            if tx.send(id).await.is_err() {
                break;
            }
        }
        tx.closed().await;
    });
    rx
}
