// Queries on the pool are joined, and no transaction is open.
use futures::try_join;
use sea_orm::{DatabaseConnection, DbErr, EntityTrait, PaginatorTrait};

use crate::entity::prelude::*;

pub async fn counts(db: &DatabaseConnection) -> Result<(u64, u64, u64), DbErr> {
    try_join!(User::find().count(db), Post::find().count(db), Comment::find().count(db))
}
