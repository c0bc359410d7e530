// A wrapper's commit is forgotten on the path that finds nothing to change.
use sea_orm::{
    ColumnTrait, DatabaseConnection, DbErr, EntityTrait, PaginatorTrait, QueryFilter,
    TransactionTrait,
};

use crate::entity::{prelude::Session, session};

pub struct Sessions {
    db: DatabaseConnection,
}

impl Sessions {
    pub async fn sign_out_everywhere(&self, user: i32) -> Result<u64, DbErr> {
        let txn = self.db.begin().await?; //~ SA005
        Session::delete_many().filter(session::Column::Expired.eq(true)).exec(&txn).await?;
        let open = Session::find().filter(session::Column::User.eq(user)).count(&txn).await?;
        if open > 0 {
            Session::delete_many().filter(session::Column::User.eq(user)).exec(&txn).await?;
            txn.commit().await?;
        }
        Ok(open)
    }
}
