// A mutation of async-graphql asks a model between two statements of its transaction.
use async_graphql::{Context, Object, Result};
use async_openai::Client;
use async_openai::config::OpenAIConfig;
use sea_orm::{DatabaseConnection, EntityTrait, TransactionTrait};

pub struct Mutations;

#[Object]
impl Mutations {
    async fn tag(&self, ctx: &Context<'_>, id: i32) -> Result<bool> {
        let db = ctx.data::<DatabaseConnection>()?;
        let model = ctx.data::<Client<OpenAIConfig>>()?;
        let txn = db.begin().await?;
        let Some(note) = note::Entity::find_by_id(id).one(&txn).await? else {
            return Ok(false);
        };
        let answer = model.chat().create(request(&note.text)).await?; //~ SA001
        note::Entity::update(tagged(note, answer)).exec(&txn).await?;
        txn.commit().await?;
        Ok(true)
    }
}
