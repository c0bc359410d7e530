// A function generic over the executor calls a remote service, and one caller hands it a transaction.
use sqlx::{PgExecutor, PgPool};
use uuid::Uuid;

pub async fn save_avatar<'e, E>(exec: E, cdn: &Cdn, user: Uuid, png: &[u8]) -> Result<(), AppError>
where
    E: PgExecutor<'e>,
{
    let url = cdn.upload(png).await?; //~ SA001
    sqlx::query("UPDATE users SET avatar_url = $1 WHERE id = $2")
        .bind(url)
        .bind(user)
        .execute(exec)
        .await?;
    Ok(())
}

pub async fn register(pool: &PgPool, cdn: &Cdn, name: &str, png: &[u8]) -> Result<Uuid, AppError> {
    let mut tx = pool.begin().await?;
    let user: Uuid = sqlx::query_scalar("INSERT INTO users (name) VALUES ($1) RETURNING id")
        .bind(name)
        .fetch_one(&mut *tx)
        .await?;
    save_avatar(&mut *tx, cdn, user, png).await?;
    tx.commit().await?;
    Ok(user)
}

pub struct Cdn {
    base: url::Url,
    http: reqwest::Client,
}

impl Cdn {
    pub async fn upload(&self, bytes: &[u8]) -> Result<String, reqwest::Error> {
        self.http.post(self.base.clone()).body(bytes.to_vec()).send().await?.text().await
    }
}
