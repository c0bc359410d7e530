// The handler drops its connection before it mails the owners.
use axum::{
    Json,
    extract::{Path, State},
};
use diesel::prelude::*;
use diesel_async::{
    AsyncPgConnection, RunQueryDsl,
    pooled_connection::deadpool::{Object, Pool, PoolError},
};
use std::sync::Arc;

use crate::schema::owners;

pub struct App {
    primary: Pool<AsyncPgConnection>,
    emails: Box<dyn Emails>,
}

#[async_trait::async_trait]
pub trait Emails: Send + Sync {
    async fn send(&self, to: &str) -> anyhow::Result<()>;
}

impl App {
    pub async fn db_read(&self) -> Result<Object<AsyncPgConnection>, PoolError> {
        self.primary.get().await
    }
}

pub async fn remind(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
) -> AppResult<Json<usize>> {
    let mut conn = app.db_read().await?;
    let addresses: Vec<String> =
        owners::table.filter(owners::krate.eq(&name)).select(owners::email).load(&mut conn).await?;
    drop(conn);
    for address in &addresses {
        app.emails.send(address).await?;
    }
    Ok(Json(addresses.len()))
}
