use axum::extract::{Path, State};
use sqlx::PgConnection;

use crate::{App, store};

pub async fn deliver(State(app): State<App>, Path(id): Path<i64>) -> Result<String, store::Error> {
    let mut tx = app.pool.begin().await?;
    let event = store::event(&mut tx, id).await?;
    let answer = send(&app.http, &event).await?;
    store::record(&mut tx, id, &answer).await?;
    tx.commit().await?;
    Ok(answer)
}

pub async fn rename(
    State(app): State<App>,
    Path(id): Path<i64>,
    name: String,
) -> Result<(), store::Error> {
    let mut conn = app.pool.acquire().await?;
    if store::name(&mut conn, id).await? == name {
        return Ok(());
    }
    announce(&mut conn, &app.http, id, &name).await
}

/// Takes the connection that its caller holds, and does something else first.
async fn announce(
    conn: &mut PgConnection,
    http: &reqwest::Client,
    id: i64,
    name: &str,
) -> Result<(), store::Error> {
    http.post("https://chat.test/announce").body(name.to_owned()).send().await?;
    store::rename(conn, id, name).await
}

async fn send(http: &reqwest::Client, event: &store::Event) -> Result<String, store::Error> {
    Ok(http.post(&event.url).body(event.body.clone()).send().await?.text().await?)
}
