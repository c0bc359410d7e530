// A pooled connection is held while a captcha is verified.
use bb8::Pool;
use bb8_postgres::PostgresConnectionManager;
use tokio_postgres::NoTls;

pub type ConnectionPool = Pool<PostgresConnectionManager<NoTls>>;

pub async fn sign_up(
    pool: &ConnectionPool,
    captcha: &Captcha,
    name: &str,
    answer: &str,
) -> Result<(), SignUpError> {
    let conn = pool.get().await?;
    let taken = conn.query_opt("SELECT 1 FROM users WHERE name = $1", &[&name]).await?.is_some();
    if taken {
        return Err(SignUpError::Taken);
    }
    if !captcha.verify(answer).await? { //~ SA001
        return Err(SignUpError::Robot);
    }
    conn.execute("INSERT INTO users (name) VALUES ($1)", &[&name]).await?;
    Ok(())
}

pub struct Captcha {
    http: reqwest::Client,
    secret: String,
}

impl Captcha {
    pub async fn verify(&self, answer: &str) -> Result<bool, reqwest::Error> {
        let form = [("secret", self.secret.as_str()), ("response", answer)];
        let reply = self.http.post("https://captcha.test/verify").form(&form).send().await?;
        Ok(reply.text().await?.contains("true"))
    }
}
