// A block under a timeout uses the connection and calls out.
use sqlx::PgPool;
use std::time::Duration;

pub async fn verify(pool: &PgPool, sms: &SmsApi, phone: &str) -> anyhow::Result<()> {
    let mut conn = pool.acquire().await?;
    tokio::time::timeout(Duration::from_secs(5), async {
        let code: String =
            sqlx::query_scalar("INSERT INTO codes (phone) VALUES ($1) RETURNING code")
                .bind(phone)
                .fetch_one(&mut *conn)
                .await?;
        sms.send(phone, &code).await?; //~ SA001
        sqlx::query("UPDATE codes SET sent = true WHERE phone = $1")
            .bind(phone)
            .execute(&mut *conn)
            .await?;
        anyhow::Ok(())
    })
    .await??;
    Ok(())
}

pub struct SmsApi(reqwest::Client);

impl SmsApi {
    pub async fn send(&self, phone: &str, code: &str) -> anyhow::Result<()> {
        self.0.post("http://sms").query(&[("to", phone), ("text", code)]).send().await?;
        Ok(())
    }
}
