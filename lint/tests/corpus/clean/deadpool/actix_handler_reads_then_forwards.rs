// The rows are read by a function that gives its client back.
use actix_web::{HttpResponse, web};
use deadpool_postgres::{Pool, PoolError};

async fn target(pool: &Pool, id: i64) -> Result<String, PoolError> {
    let client = pool.get().await?;
    let statement = client.prepare_cached("SELECT url FROM targets WHERE id = $1").await?;
    let row = client.query_one(&statement, &[&id]).await?;
    Ok(row.get(0))
}

pub async fn forward(
    pool: web::Data<Pool>,
    requests: web::Data<awc::Client>,
    id: web::Path<i64>,
    body: web::Bytes,
) -> actix_web::Result<HttpResponse> {
    let url = target(&pool, *id).await.map_err(actix_web::error::ErrorServiceUnavailable)?;
    let answer = requests.post(url).send_body(body).await;
    let mut answer = answer.map_err(actix_web::error::ErrorBadGateway)?;
    let body = answer.body().await.map_err(actix_web::error::ErrorBadGateway)?;
    Ok(HttpResponse::Ok().body(body))
}
