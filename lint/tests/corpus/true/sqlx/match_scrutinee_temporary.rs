// The connection is a temporary of the match and lives through its arms.
use sqlx::PgPool;

pub async fn display_name(
    pool: &PgPool,
    directory: &Directory,
    user: i64,
) -> anyhow::Result<String> {
    match sqlx::query_scalar::<_, Option<String>>("SELECT name FROM users WHERE id = $1")
        .bind(user)
        .fetch_one(&mut *pool.acquire().await?)
        .await?
    {
        Some(name) => Ok(name),
        None => {
            let name = directory.lookup(user).await?; //~ SA009
            Ok(name)
        }
    }
}

pub struct Directory(reqwest::Client);

impl Directory {
    pub async fn lookup(&self, user: i64) -> anyhow::Result<String> {
        Ok(self.0.get(format!("http://ldap-bridge/{user}")).send().await?.text().await?)
    }
}
