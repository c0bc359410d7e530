// Server-sent events poll through the pool and sleep with nothing held.
use async_stream::stream;
use axum::{
    extract::State,
    response::sse::{Event, Sse},
};
use futures::Stream;
use sqlx::PgPool;
use std::{convert::Infallible, time::Duration};

pub async fn queue_length(
    State(pool): State<PgPool>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    Sse::new(stream! {
        loop {
            let length: i64 =
                sqlx::query_scalar("SELECT count(*) FROM queue").fetch_one(&pool).await.unwrap_or(-1);
            yield Ok(Event::default().data(length.to_string()));
            tokio::time::sleep(Duration::from_secs(2)).await;
        }
    })
}
