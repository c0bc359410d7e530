// The connection comes with the request and is held while a push service is called.
use axum::{
    extract::{FromRef, FromRequestParts, Path, State},
    http::{StatusCode, request::Parts},
};
use sqlx::{PgPool, pool::PoolConnection};

pub struct DatabaseConnection(pub PoolConnection<sqlx::Postgres>);

impl<S> FromRequestParts<S> for DatabaseConnection
where
    PgPool: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = (StatusCode, String);

    async fn from_request_parts(_parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let pool = PgPool::from_ref(state);
        let conn = pool
            .acquire()
            .await
            .map_err(|error| (StatusCode::SERVICE_UNAVAILABLE, error.to_string()))?;
        Ok(Self(conn))
    }
}

pub async fn notify(
    State(push): State<PushService>,
    Path(user): Path<i64>,
    DatabaseConnection(mut conn): DatabaseConnection,
) -> Result<StatusCode, (StatusCode, String)> {
    let device: String = sqlx::query_scalar("SELECT device FROM devices WHERE owner = $1")
        .bind(user)
        .fetch_one(&mut *conn)
        .await
        .map_err(|error| (StatusCode::NOT_FOUND, error.to_string()))?;
    push.send(&device, "hello").await; //~ SA006
    Ok(StatusCode::ACCEPTED)
}

#[derive(Clone)]
pub struct PushService(reqwest::Client);

impl PushService {
    pub async fn send(&self, device: &str, text: &str) {
        let _ = self.0.post(format!("http://push/{device}")).body(text.to_owned()).send().await;
    }
}
