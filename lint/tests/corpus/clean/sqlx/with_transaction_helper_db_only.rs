// The closure of a with_transaction helper only runs statements.
use futures::future::BoxFuture;
use sqlx::{PgPool, Postgres, Transaction};

pub async fn with_transaction<F, T>(pool: &PgPool, body: F) -> sqlx::Result<T>
where
    F: for<'c> FnOnce(&'c mut Transaction<'_, Postgres>) -> BoxFuture<'c, sqlx::Result<T>>,
{
    let mut tx = pool.begin().await?;
    match body(&mut tx).await {
        Ok(value) => {
            tx.commit().await?;
            Ok(value)
        }
        Err(error) => {
            tx.rollback().await?;
            Err(error)
        }
    }
}

pub async fn accept(pool: &PgPool, mail: &dyn Mailer, offer: i64) -> anyhow::Result<()> {
    let buyer: String = with_transaction(pool, |tx| {
        Box::pin(async move {
            sqlx::query("INSERT INTO accepted (offer) VALUES ($1)")
                .bind(offer)
                .execute(&mut **tx)
                .await?;
            sqlx::query_scalar("SELECT buyer FROM offers WHERE id = $1")
                .bind(offer)
                .fetch_one(&mut **tx)
                .await
        })
    })
    .await?;
    mail.accepted(&buyer).await
}

#[async_trait::async_trait]
pub trait Mailer: Send + Sync {
    async fn accepted(&self, buyer: &str) -> anyhow::Result<()>;
}
