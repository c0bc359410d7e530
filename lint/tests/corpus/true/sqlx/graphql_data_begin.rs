// The pool comes out of the resolver's context, and its transaction is held over a call.
use async_graphql::{Context, Object, Result};
use sqlx::PgPool;

pub struct Mutations;

#[Object]
impl Mutations {
    async fn star(&self, ctx: &Context<'_>, repo: i64) -> Result<bool> {
        let mut tx = ctx.data::<PgPool>()?.begin().await?;
        let name: String = sqlx::query_scalar("SELECT name FROM repos WHERE id = $1")
            .bind(repo)
            .fetch_one(&mut *tx)
            .await?;
        ctx.data::<Forge>()?.star(&name).await?; //~ SA001
        sqlx::query("UPDATE repos SET stars = stars + 1 WHERE id = $1")
            .bind(repo)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(true)
    }
}

pub struct Forge(reqwest::Client);

impl Forge {
    pub async fn star(&self, name: &str) -> reqwest::Result<()> {
        self.0.put(format!("http://forge/{name}/star")).send().await?;
        Ok(())
    }
}
