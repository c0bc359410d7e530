// A stream is read to its end with no other await in the loop.
use futures::TryStreamExt;
use sea_orm::{DatabaseConnection, DbErr, EntityTrait};
use std::collections::HashMap;

use crate::entity::prelude::Visit;

pub async fn per_country(db: &DatabaseConnection) -> Result<HashMap<String, u64>, DbErr> {
    let mut counts = HashMap::new();
    let mut visits = Visit::find().stream(db).await?;
    while let Some(visit) = visits.try_next().await? {
        *counts.entry(visit.country).or_insert(0) += 1;
    }
    Ok(counts)
}
