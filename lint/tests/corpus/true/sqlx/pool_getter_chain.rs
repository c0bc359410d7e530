// The pool is reached through a chain of getters.
use sqlx::PgPool;
use std::sync::Arc;

pub struct Database {
    primary: PgPool,
}

impl Database {
    pub fn primary(&self) -> &PgPool {
        &self.primary
    }
}

pub struct Context {
    database: Arc<Database>,
}

impl Context {
    pub fn database(&self) -> &Database {
        &self.database
    }
}

pub async fn purge(ctx: Arc<Context>, cdn: &CdnApi, asset: i64) -> anyhow::Result<()> {
    let mut connection = ctx.database().primary().acquire().await?;
    let path: String = sqlx::query_scalar("DELETE FROM assets WHERE id = $1 RETURNING path")
        .bind(asset)
        .fetch_one(&mut *connection)
        .await?;
    cdn.purge(&path).await?; //~ SA001
    Ok(())
}

pub struct CdnApi(reqwest::Client);

impl CdnApi {
    pub async fn purge(&self, path: &str) -> anyhow::Result<()> {
        self.0.post("http://cdn/purge").body(path.to_owned()).send().await?;
        Ok(())
    }
}
