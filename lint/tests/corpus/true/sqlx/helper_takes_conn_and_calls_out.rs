// The helper receives the connection and calls the payment provider with it in hand.
use sqlx::{PgConnection, PgPool};

pub async fn settle(pool: &PgPool, stripe: &StripeClient, invoice: i64) -> Result<(), SettleError> {
    let mut tx = pool.begin().await?;
    let total = charge_invoice(&mut tx, stripe, invoice).await?;
    sqlx::query("UPDATE invoices SET paid = $1 WHERE id = $2")
        .bind(total)
        .bind(invoice)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(())
}

async fn charge_invoice(
    conn: &mut PgConnection,
    stripe: &StripeClient,
    invoice: i64,
) -> Result<i64, SettleError> {
    let (amount, card): (i64, String) =
        sqlx::query_as("SELECT amount, card_token FROM invoices WHERE id = $1")
            .bind(invoice)
            .fetch_one(conn)
            .await?;
    stripe.charge(&card, amount).await?; //~ SA001
    Ok(amount)
}

pub struct StripeClient {
    http: reqwest::Client,
    key: String,
}

impl StripeClient {
    pub async fn charge(&self, card: &str, amount: i64) -> Result<(), reqwest::Error> {
        self.http
            .post("https://api.stripe.test/v1/charges")
            .bearer_auth(&self.key)
            .form(&[("source", card), ("amount", &amount.to_string())])
            .send()
            .await?;
        Ok(())
    }
}
