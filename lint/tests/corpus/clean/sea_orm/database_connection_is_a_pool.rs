// DatabaseConnection is a pool, so it may be held across a remote call.
use sea_orm::{ActiveModelTrait, DatabaseConnection, EntityTrait, Set};

use crate::entity::{picture, prelude::Picture};

pub async fn resize(db: &DatabaseConnection, images: &ImageApi, id: i32) -> anyhow::Result<()> {
    let Some(found) = Picture::find_by_id(id).one(db).await? else { return Ok(()) };
    let small = images.resize(&found.url, 320).await?;
    let mut active: picture::ActiveModel = found.into();
    active.thumbnail = Set(Some(small));
    active.update(db).await?;
    Ok(())
}

pub struct ImageApi(reqwest::Client);

impl ImageApi {
    pub async fn resize(&self, url: &str, width: u32) -> reqwest::Result<String> {
        self.0.post("http://images/resize").json(&(url, width)).send().await?.text().await
    }
}
