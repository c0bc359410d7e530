// A sea-orm transaction is open while an image service resizes the picture.
use sea_orm::{ActiveModelTrait, DatabaseConnection, DbErr, EntityTrait, Set, TransactionTrait};

use crate::entity::{picture, prelude::Picture};

pub async fn resize(
    db: &DatabaseConnection,
    images: &ImageApi,
    id: i32,
) -> Result<(), PictureError> {
    let txn = db.begin().await?;
    let found =
        Picture::find_by_id(id).one(&txn).await?.ok_or(DbErr::RecordNotFound(id.to_string()))?;
    let small = images.resize(&found.url, 320).await?; //~ SA001
    let mut active: picture::ActiveModel = found.into();
    active.thumbnail = Set(Some(small));
    active.update(&txn).await?;
    txn.commit().await?;
    Ok(())
}

pub struct ImageApi {
    http: reqwest::Client,
}

impl ImageApi {
    pub async fn resize(&self, url: &str, width: u32) -> Result<String, reqwest::Error> {
        self.http.post("http://images/resize").json(&(url, width)).send().await?.text().await
    }
}
