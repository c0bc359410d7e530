// A GraphQL context carries the request's transaction behind a mutex, locked during a remote call.
use async_graphql::{Context, Object, Result};
use sqlx::{Postgres, Transaction};
use std::sync::Arc;
use tokio::sync::Mutex;

type ArcTransaction = Arc<Mutex<Transaction<'static, Postgres>>>;

pub struct Mutation;

#[Object]
impl Mutation {
    async fn rename_channel(&self, ctx: &Context<'_>, id: i64, name: String) -> Result<bool> {
        let tx = ctx.data_unchecked::<ArcTransaction>();
        let mut tx = tx.lock().await;
        let external: String = sqlx::query_scalar("SELECT external FROM channels WHERE id = $1")
            .bind(id)
            .fetch_one(&mut **tx)
            .await?;
        let discord = ctx.data::<Discord>()?;
        discord.rename(&external, &name).await?; //~ SA001
        sqlx::query("UPDATE channels SET name = $1 WHERE id = $2")
            .bind(name)
            .bind(id)
            .execute(&mut **tx)
            .await?;
        Ok(true)
    }
}

pub struct Discord(reqwest::Client);

impl Discord {
    pub async fn rename(&self, channel: &str, name: &str) -> reqwest::Result<()> {
        self.0
            .patch(format!("https://discord.test/{channel}"))
            .body(name.to_owned())
            .send()
            .await?;
        Ok(())
    }
}
