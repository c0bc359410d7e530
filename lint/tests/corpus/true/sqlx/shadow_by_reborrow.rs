// A reborrow takes over the guard's name, and the guard lives on below it.
use sqlx::PgPool;

pub async fn classify(pool: &PgPool, model: &Model, text: i64) -> anyhow::Result<()> {
    let mut conn = pool.acquire().await?;
    let conn = &mut *conn;
    let body: String = sqlx::query_scalar("SELECT body FROM texts WHERE id = $1")
        .bind(text)
        .fetch_one(&mut *conn)
        .await?;
    let label = model.label(&body).await?; //~ SA001
    sqlx::query("UPDATE texts SET label = $1 WHERE id = $2")
        .bind(label)
        .bind(text)
        .execute(conn)
        .await?;
    Ok(())
}

pub struct Model {
    http: reqwest::Client,
}

impl Model {
    pub async fn label(&self, body: &str) -> anyhow::Result<String> {
        Ok(self.http.post("http://model/label").body(body.to_owned()).send().await?.text().await?)
    }
}
