// A middleware looks up a session before the handler runs, and records the answer after it.
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use sqlx::PgPool;

pub async fn session(
    State(pool): State<PgPool>,
    mut request: Request,
    next: Next,
) -> Result<Response, AppError> {
    {
        let mut conn = pool.acquire().await?;
        let user: i64 = sqlx::query_scalar("SELECT 1").fetch_one(&mut *conn).await?;
        request.extensions_mut().insert(user);
    }
    let response = next.run(request).await;
    let status = i32::from(response.status().as_u16());
    let mut transaction = pool.begin().await?;
    sqlx::query("INSERT INTO answers VALUES ($1)").bind(status).execute(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(response)
}
