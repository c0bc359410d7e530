// A middleware puts a transaction into the request, and holds it while the whole handler runs.
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use sqlx::{PgPool, Postgres, Transaction};
use std::sync::Arc;
use tokio::sync::Mutex;

pub type Shared = Arc<Mutex<Transaction<'static, Postgres>>>;

pub async fn transaction(
    State(pool): State<PgPool>,
    mut request: Request,
    next: Next,
) -> Result<Response, AppError> {
    let shared: Shared = Arc::new(Mutex::new(pool.begin().await?));
    request.extensions_mut().insert(shared.clone());
    let response = next.run(request).await; //~ SA001
    if let Ok(transaction) = Arc::try_unwrap(shared) {
        transaction.into_inner().commit().await?;
    }
    Ok(response)
}
