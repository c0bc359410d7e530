// Active models are saved in a transaction around a call to an avatar generator.
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, DatabaseConnection, EntityTrait, IntoActiveModel,
    TransactionTrait,
};

use crate::entity::{avatar, prelude::*};

pub struct MemberService<'a> {
    pub db: &'a DatabaseConnection,
    pub generator: &'a dyn AvatarGenerator,
}

#[async_trait::async_trait]
pub trait AvatarGenerator: Send + Sync {
    async fn generate(&self, seed: &str) -> anyhow::Result<Vec<u8>>;
}

impl MemberService<'_> {
    pub async fn rename(&self, id: i32, name: String) -> anyhow::Result<()> {
        let tx = self.db.begin().await?;
        let mut member = Member::find_by_id(id)
            .one(&tx)
            .await?
            .ok_or_else(|| anyhow::anyhow!("no member {id}"))?
            .into_active_model();
        member.name = Set(name.clone());
        let member = member.update(&tx).await?;
        let image = self.generator.generate(&name).await?; //~ SA001
        avatar::ActiveModel { member_id: Set(member.id), image: Set(image), ..Default::default() }
            .insert(&tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }
}
