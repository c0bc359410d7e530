// A server-sent event generator keeps its connection for as long as the client listens.
use async_stream::try_stream;
use axum::{
    extract::State,
    response::sse::{Event, Sse},
};
use futures::Stream;
use sqlx::PgPool;
use std::time::Duration;

pub async fn progress(
    State(pool): State<PgPool>,
) -> Sse<impl Stream<Item = Result<Event, axum::Error>>> {
    Sse::new(try_stream! {
        let mut conn = pool.acquire().await.map_err(axum::Error::new)?;
        loop {
            let done: i64 = sqlx::query_scalar("SELECT done FROM progress")
                .fetch_one(&mut *conn)
                .await
                .map_err(axum::Error::new)?;
            yield Event::default().data(done.to_string()); //~ SA010
            tokio::time::sleep(Duration::from_secs(1)).await; //~ SA003
        }
    })
}
