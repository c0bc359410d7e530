// DbConn is an alias of the pool here, so holding it costs nothing.
use sqlx::PgPool;

pub type DbConn = PgPool;

pub async fn ask(db: &DbConn, llm: &Llm, chat: i64, question: &str) -> anyhow::Result<String> {
    let history: Vec<String> =
        sqlx::query_scalar("SELECT text FROM turns WHERE chat = $1 ORDER BY id")
            .bind(chat)
            .fetch_all(db)
            .await?;
    let answer = llm.complete(&history, question).await?;
    sqlx::query("INSERT INTO turns (chat, text) VALUES ($1, $2)")
        .bind(chat)
        .bind(&answer)
        .execute(db)
        .await?;
    Ok(answer)
}

pub struct Llm {
    http: reqwest::Client,
    key: String,
}

impl Llm {
    pub async fn complete(&self, history: &[String], question: &str) -> anyhow::Result<String> {
        let answer = self
            .http
            .post("https://llm.test/v1/complete")
            .bearer_auth(&self.key)
            .json(&(history, question))
            .send()
            .await?;
        Ok(answer.text().await?)
    }
}
