// A GraphQL resolver gets the pool out of its context and calls a remote source with nothing held.
use async_graphql::{Context, Object, Result};
use sea_orm::{DatabaseConnection, EntityTrait};

use crate::entity::prelude::Repository;

pub struct Query;

#[Object]
impl Query {
    async fn stars(&self, ctx: &Context<'_>, id: i32) -> Result<i64> {
        let conn = ctx.data::<DatabaseConnection>()?;
        let http = ctx.data::<reqwest::Client>()?;
        let Some(repository) = Repository::find_by_id(id).one(conn).await? else { return Ok(0) };
        let stars = http.get(&repository.api_url).send().await?.json::<i64>().await?;
        Ok(stars)
    }
}
