// In edition 2021 the scrutinee's connection lives through the else branch as well.
// edition: 2021
use sqlx::PgPool;

pub async fn email(pool: &PgPool, ldap: &LdapBridge, user: i64) -> anyhow::Result<String> {
    if let Some(email) = sqlx::query_scalar::<_, String>("SELECT email FROM users WHERE id = $1")
        .bind(user)
        .fetch_optional(&mut *pool.acquire().await?)
        .await?
    {
        Ok(email)
    } else {
        let found = ldap.email(user).await?; //~ SA009
        Ok(found)
    }
}

pub struct LdapBridge(reqwest::Client);

impl LdapBridge {
    pub async fn email(&self, user: i64) -> anyhow::Result<String> {
        Ok(self.0.get(format!("http://ldap/{user}")).send().await?.text().await?)
    }
}
