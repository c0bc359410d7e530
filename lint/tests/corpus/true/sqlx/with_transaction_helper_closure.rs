// A with_transaction helper of the code base is given a closure that mails.
use futures::future::BoxFuture;
use sqlx::{PgPool, Postgres, Transaction};

pub async fn with_transaction<F, T>(pool: &PgPool, body: F) -> anyhow::Result<T>
where
    F: for<'c> FnOnce(&'c mut Transaction<'_, Postgres>) -> BoxFuture<'c, anyhow::Result<T>>,
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

pub async fn accept_offer(pool: &PgPool, mail: MailApi, offer: i64) -> anyhow::Result<()> {
    with_transaction(pool, |tx| {
        Box::pin(async move {
            let buyer: String = sqlx::query_scalar(
                "UPDATE offers SET accepted = true WHERE id = $1 RETURNING buyer",
            )
            .bind(offer)
            .fetch_one(&mut **tx)
            .await?;
            mail.accepted(&buyer).await?; //~ SA001
            Ok(())
        })
    })
    .await
}

#[derive(Clone)]
pub struct MailApi(reqwest::Client);

impl MailApi {
    pub async fn accepted(&self, buyer: &str) -> anyhow::Result<()> {
        self.0.post("http://mail/accepted").body(buyer.to_owned()).send().await?;
        Ok(())
    }
}
