// A user-scoped database begins with a role, and the caller downloads a package inside it.
use sqlx::{Pool, Postgres, Transaction};

#[derive(Clone)]
pub struct UserDb {
    db: Pool<Postgres>,
}

pub struct Authed {
    pub role: String,
}

impl UserDb {
    pub async fn begin(self, authed: &Authed) -> sqlx::Result<Transaction<'static, Postgres>> {
        let mut tx = self.db.begin().await?;
        sqlx::query("SELECT set_config('session.role', $1, true)")
            .bind(&authed.role)
            .execute(&mut *tx)
            .await?;
        Ok(tx)
    }
}

pub async fn publish_package(
    user_db: UserDb,
    authed: Authed,
    http: &reqwest::Client,
    name: &str,
) -> anyhow::Result<()> {
    let mut tx = user_db.begin(&authed).await?;
    let url: String = sqlx::query_scalar("SELECT url FROM packages WHERE name = $1")
        .bind(name)
        .fetch_one(&mut *tx)
        .await?;
    let head = http.head(&url).send().await?; //~ SA001
    sqlx::query("UPDATE packages SET etag = $1 WHERE name = $2")
        .bind(head.headers().get("etag").and_then(|etag| etag.to_str().ok()))
        .bind(name)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(())
}
