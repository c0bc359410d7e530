// One branch drops the connection before the call, the other does not.
use sqlx::PgPool;

pub async fn sync_member(pool: &PgPool, crm: &CrmApi, member: i64) -> anyhow::Result<()> {
    let mut conn = pool.acquire().await?;
    let external: Option<String> = sqlx::query_scalar("SELECT external FROM members WHERE id = $1")
        .bind(member)
        .fetch_one(&mut *conn)
        .await?;
    match external {
        Some(external) => {
            drop(conn);
            crm.update(&external).await?;
        }
        None => {
            let external = crm.create(member).await?; //~ SA001
            sqlx::query("UPDATE members SET external = $1 WHERE id = $2")
                .bind(external)
                .bind(member)
                .execute(&mut *conn)
                .await?;
        }
    }
    Ok(())
}

pub struct CrmApi(reqwest::Client);

impl CrmApi {
    async fn update(&self, external: &str) -> anyhow::Result<()> {
        self.0.put(format!("http://crm/{external}")).send().await?;
        Ok(())
    }

    async fn create(&self, member: i64) -> anyhow::Result<String> {
        Ok(self.0.post("http://crm").body(member.to_string()).send().await?.text().await?)
    }
}
