// `let _ = conn` moves nothing, so the connection stays alive.
use sqlx::PgPool;

pub async fn greet(pool: &PgPool, bot: &Bot, user: i64) -> anyhow::Result<()> {
    let mut conn = pool.acquire().await?;
    let name: String = sqlx::query_scalar("SELECT name FROM users WHERE id = $1")
        .bind(user)
        .fetch_one(&mut *conn)
        .await?;
    let _ = conn;
    bot.say(&format!("hello {name}")).await?; //~ SA001
    Ok(())
}

pub struct Bot(reqwest::Client);

impl Bot {
    pub async fn say(&self, text: &str) -> anyhow::Result<()> {
        self.0.post("http://bot").body(text.to_owned()).send().await?;
        Ok(())
    }
}
