// A second service works on its own handle of the pool inside the first one's transaction.
use sea_orm::{
    ActiveModelTrait, DatabaseConnection, DbErr, EntityTrait, PaginatorTrait, Set, TransactionTrait,
};

use crate::entity::{prelude::*, project, quota};

#[derive(Clone)]
pub struct QuotaService {
    db: DatabaseConnection,
}

impl QuotaService {
    pub async fn allows_another(&self) -> Result<bool, DbErr> {
        Ok(Quota::find().count(&self.db).await? < 10)
    }
}

pub struct ProjectService {
    db: DatabaseConnection,
    quotas: QuotaService,
}

impl ProjectService {
    pub async fn create(&self, name: &str) -> Result<project::Model, ProjectError> {
        let tx = self.db.begin().await?;
        if !self.quotas.allows_another().await? { //~ SA002
            return Err(ProjectError::QuotaReached);
        }
        let project = project::ActiveModel { name: Set(name.to_owned()), ..Default::default() };
        let model = project.insert(&tx).await?;
        tx.commit().await?;
        Ok(model)
    }
}
