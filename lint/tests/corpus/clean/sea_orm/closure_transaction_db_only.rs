// The transaction's closure only touches the database.
use sea_orm::{ActiveModelTrait, DatabaseConnection, DbErr, EntityTrait, Set, TransactionTrait};

use crate::entity::{prelude::*, profile, user};

pub async fn sign_up(db: &DatabaseConnection, mail: &Mail, name: String) -> anyhow::Result<i32> {
    let id = db
        .transaction::<_, i32, DbErr>(|txn| {
            Box::pin(async move {
                let user =
                    user::ActiveModel { name: Set(name), ..Default::default() }.insert(txn).await?;
                Profile::insert(profile::ActiveModel {
                    user_id: Set(user.id),
                    ..Default::default()
                })
                .exec(txn)
                .await?;
                Ok(user.id)
            })
        })
        .await?;
    mail.welcome(id).await?;
    Ok(id)
}

pub struct Mail(reqwest::Client);

impl Mail {
    pub async fn welcome(&self, user: i32) -> reqwest::Result<()> {
        self.0.post("http://mail/welcome").body(user.to_string()).send().await?;
        Ok(())
    }
}
