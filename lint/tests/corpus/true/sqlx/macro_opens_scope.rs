// A macro of the code base opens the transaction around the block that calls out.
use sqlx::PgPool;

macro_rules! in_tx {
    ($pool:expr, |$tx:ident| $body:block) => {{
        let mut $tx = $pool.begin().await?;
        let result: Result<_, ServiceError> = async { $body }.await;
        match result {
            Ok(value) => {
                $tx.commit().await?;
                Ok(value)
            }
            Err(error) => {
                $tx.rollback().await?;
                Err(error)
            }
        }
    }};
}

pub struct SubscriptionService {
    pool: PgPool,
    billing: BillingApi,
}

impl SubscriptionService {
    pub async fn cancel(&self, subscription: i64) -> Result<(), ServiceError> {
        in_tx!(self.pool, |tx| {
            let external: String = sqlx::query_scalar(
                "UPDATE subscriptions SET state = 'cancelled' WHERE id = $1 RETURNING external_id",
            )
            .bind(subscription)
            .fetch_one(&mut *tx)
            .await?;
            self.billing.cancel(&external).await?; //~ SA001
            Ok(())
        })
    }
}

pub struct BillingApi(reqwest::Client);

impl BillingApi {
    pub async fn cancel(&self, external: &str) -> Result<(), reqwest::Error> {
        self.0.delete(format!("https://billing.test/subscriptions/{external}")).send().await?;
        Ok(())
    }
}
