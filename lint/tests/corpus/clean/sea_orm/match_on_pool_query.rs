// The scrutinee of the match asks the pool, which holds nothing afterwards.
use sea_orm::{ColumnTrait, DatabaseConnection, EntityTrait, QueryFilter};

use crate::entity::{prelude::Translation, translation};

pub async fn text(
    db: &DatabaseConnection,
    http: &reqwest::Client,
    key: &str,
) -> anyhow::Result<String> {
    match Translation::find().filter(translation::Column::Key.eq(key)).one(db).await? {
        Some(found) => Ok(found.text),
        None => Ok(http.get(format!("http://translate/{key}")).send().await?.text().await?),
    }
}
