// An unfold carries the connection from event to event.
use axum::{
    extract::State,
    response::sse::{Event, Sse},
};
use futures::{Stream, stream};
use sqlx::PgPool;

pub async fn events(
    State(pool): State<PgPool>,
) -> Result<Sse<impl Stream<Item = Result<Event, sqlx::Error>>>, AppError> {
    let conn = pool.acquire().await?;
    let events = stream::unfold((conn, 0i64), |(mut conn, after)| async move {
        let next: Result<(i64, String), sqlx::Error> =
            sqlx::query_as("SELECT id, text FROM events WHERE id > $1 ORDER BY id LIMIT 1")
                .bind(after)
                .fetch_one(&mut *conn)
                .await;
        match next {
            Ok((id, text)) => Some((Ok(Event::default().data(text)), (conn, id))),
            Err(_) => None,
        }
    });
    Ok(Sse::new(events)) //~ SA010
}
