// A handler creates two rows in a transaction that nobody commits.
use axum::{Json, extract::State};
use sea_orm::{ActiveModelTrait, DatabaseConnection, Set, TransactionTrait};

use crate::{
    entity::{album, track},
    error::AppError,
};

#[derive(Clone)]
pub struct AppState {
    pub conn: DatabaseConnection,
}

#[derive(serde::Deserialize)]
pub struct NewAlbum {
    title: String,
    first_track: String,
}

pub async fn create_album(
    state: State<AppState>,
    Json(new): Json<NewAlbum>,
) -> Result<Json<album::Model>, AppError> {
    let txn = state.conn.begin().await?; //~ SA005
    let album =
        album::ActiveModel { title: Set(new.title), ..Default::default() }.insert(&txn).await?;
    track::ActiveModel {
        album_id: Set(album.id),
        title: Set(new.first_track),
        ..Default::default()
    }
    .insert(&txn)
    .await?;
    Ok(Json(album))
}
