// A handler takes a connection from the app's db_write() and mails the owners with it in hand.
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

use crate::schema::{crates, owners};

pub struct App {
    primary: Pool<AsyncPgConnection>,
    emails: Emails,
}

impl App {
    pub async fn db_write(&self) -> Result<Object<AsyncPgConnection>, PoolError> {
        self.primary.get().await
    }
}

pub async fn yank(State(app): State<Arc<App>>, Path(name): Path<String>) -> AppResult<Json<bool>> {
    let mut conn = app.db_write().await?;
    let id: i32 = diesel::update(crates::table.filter(crates::name.eq(&name)))
        .set(crates::yanked.eq(true))
        .returning(crates::id)
        .get_result(&mut conn)
        .await?;
    let addresses: Vec<String> =
        owners::table.filter(owners::crate_id.eq(id)).select(owners::email).load(&mut conn).await?;
    for address in &addresses {
        if let Err(error) = app.emails.send(address, "yanked").await { //~ SA001
            tracing::warn!(%error, address, "mail not sent");
        }
    }
    Ok(Json(true))
}

pub struct Emails {
    transport: lettre::AsyncSmtpTransport<lettre::Tokio1Executor>,
}

impl Emails {
    pub async fn send(&self, to: &str, subject: &str) -> anyhow::Result<()> {
        use lettre::AsyncTransport;
        let mail =
            lettre::Message::builder().to(to.parse()?).subject(subject).body(String::new())?;
        self.transport.send(mail).await?;
        Ok(())
    }
}
