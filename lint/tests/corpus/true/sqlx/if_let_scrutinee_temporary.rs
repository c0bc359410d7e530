// The connection of an if-let scrutinee lives through the block.
use sqlx::MySqlPool;

pub async fn remind(pool: &MySqlPool, sms: &SmsGateway, appointment: u64) -> anyhow::Result<()> {
    if let Some(phone) =
        sqlx::query_scalar::<_, String>("SELECT phone FROM appointments WHERE id = ?")
            .bind(appointment)
            .fetch_optional(&mut *pool.acquire().await?)
            .await?
    {
        sms.send(&phone, "See you tomorrow").await?; //~ SA009
    }
    Ok(())
}

pub struct SmsGateway {
    http: reqwest::Client,
}

impl SmsGateway {
    pub async fn send(&self, phone: &str, text: &str) -> reqwest::Result<()> {
        self.http
            .post("http://sms/messages")
            .query(&[("to", phone), ("text", text)])
            .send()
            .await?;
        Ok(())
    }
}
