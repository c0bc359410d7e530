// A stream of sea-orm keeps its connection until it is dropped, also after its end.
use futures::TryStreamExt;
use sea_orm::{DatabaseConnection, DbErr, EntityTrait};

pub async fn sizes(db: &DatabaseConnection) -> Result<u64, DbErr> {
    let mut boxes = crate::crates::Entity::find().stream(db).await?;
    let mut sum = 0;
    while let Some(one) = boxes.try_next().await? {
        sum += one.size;
    }
    crate::totals::Entity::insert(crate::totals::row(sum)).exec(db).await?; //~ SA007
    Ok(sum)
}
