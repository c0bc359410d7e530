// A closure that was handed the transaction calls the shipping company.
use sea_orm::{
    ColumnTrait, DatabaseConnection, DbErr, EntityTrait, QueryFilter, TransactionTrait,
    sea_query::Expr,
};

use crate::entity::{order, prelude::*};

pub async fn dispatch(db: &DatabaseConnection, shipper: Shipper, id: i64) -> anyhow::Result<()> {
    db.transaction::<_, (), OrderError>(|txn| {
        Box::pin(async move {
            let order = Order::find_by_id(id).one(txn).await?.ok_or(OrderError::Missing)?;
            let tracking = shipper.book(&order.address).await?; //~ SA001
            Order::update_many()
                .col_expr(order::Column::Tracking, Expr::value(tracking))
                .filter(order::Column::Id.eq(id))
                .exec(txn)
                .await?;
            Ok(())
        })
    })
    .await?;
    Ok(())
}

#[derive(Clone)]
pub struct Shipper {
    http: reqwest::Client,
}

impl Shipper {
    pub async fn book(&self, address: &str) -> Result<String, reqwest::Error> {
        self.http
            .post("http://shipper/bookings")
            .body(address.to_owned())
            .send()
            .await?
            .text()
            .await
    }
}
