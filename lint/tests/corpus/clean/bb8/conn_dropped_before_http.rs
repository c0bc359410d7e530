// The pooled connection is dropped before the captcha is verified.
use bb8::Pool;
use bb8_postgres::PostgresConnectionManager;
use tokio_postgres::NoTls;

pub async fn sign_up(
    pool: &Pool<PostgresConnectionManager<NoTls>>,
    captcha: &Captcha,
    name: &str,
) -> anyhow::Result<bool> {
    let conn = pool.get().await?;
    let taken = conn.query_opt("SELECT 1 FROM users WHERE name = $1", &[&name]).await?.is_some();
    drop(conn);
    if taken || !captcha.verify(name).await? {
        return Ok(false);
    }
    pool.get().await?.execute("INSERT INTO users (name) VALUES ($1)", &[&name]).await?;
    Ok(true)
}

pub struct Captcha(reqwest::Client);

impl Captcha {
    pub async fn verify(&self, name: &str) -> reqwest::Result<bool> {
        Ok(self.0.post("http://captcha").body(name.to_owned()).send().await?.status().is_success())
    }
}
