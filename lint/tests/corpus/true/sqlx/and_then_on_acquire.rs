// A combinator's closure is handed the connection and waits for a remote with it.
use futures::TryFutureExt;
use sqlx::PgPool;

pub async fn stamp(pool: &PgPool, tsa: &TimestampApi, id: i64) -> anyhow::Result<()> {
    pool.acquire()
        .err_into::<anyhow::Error>()
        .and_then(|mut conn| async move {
            let token = tsa.token(id).await?; //~ SA001
            sqlx::query("UPDATE docs SET stamp = $1 WHERE id = $2")
                .bind(token)
                .bind(id)
                .execute(&mut *conn)
                .await?;
            Ok(())
        })
        .await
}

pub struct TimestampApi(reqwest::Client);

impl TimestampApi {
    pub async fn token(&self, id: i64) -> anyhow::Result<String> {
        Ok(self.0.post("http://tsa").body(id.to_string()).send().await?.text().await?)
    }
}
