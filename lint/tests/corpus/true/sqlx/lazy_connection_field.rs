// The scope's connection is taken out of its field, or acquired, and held over a remote call.
use sqlx::{PgPool, Postgres, pool::PoolConnection};

pub struct RequestScope {
    pool: PgPool,
    conn: Option<PoolConnection<Postgres>>,
    acl: AclApi,
}

impl RequestScope {
    pub async fn share(&mut self, document: i64, with: &str) -> anyhow::Result<()> {
        let mut conn = match self.conn.take() {
            Some(conn) => conn,
            None => self.pool.acquire().await?,
        };
        let owner: String = sqlx::query_scalar("SELECT owner FROM documents WHERE id = $1")
            .bind(document)
            .fetch_one(&mut *conn)
            .await?;
        self.acl.grant(&owner, with).await?; //~ SA001
        sqlx::query("INSERT INTO shares (document, user_name) VALUES ($1, $2)")
            .bind(document)
            .bind(with)
            .execute(&mut *conn)
            .await?;
        self.conn = Some(conn);
        Ok(())
    }
}

pub struct AclApi(reqwest::Client);

impl AclApi {
    pub async fn grant(&self, owner: &str, with: &str) -> anyhow::Result<()> {
        self.0.post("http://acl").json(&(owner, with)).send().await?;
        Ok(())
    }
}
