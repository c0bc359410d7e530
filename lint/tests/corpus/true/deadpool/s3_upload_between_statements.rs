// The builder of an SDK is sent between two statements.
use actix_web::{HttpResponse, web};
use deadpool_postgres::Pool;

pub async fn upload(
    pool: web::Data<Pool>,
    s3: web::Data<aws_sdk_s3::Client>,
    body: web::Bytes,
) -> actix_web::Result<HttpResponse> {
    let client = pool.get().await.map_err(actix_web::error::ErrorServiceUnavailable)?;
    let row = client.query_one("SELECT nextval('files')", &[]).await.map_err(failed)?;
    let id: i64 = row.get(0);
    s3.put_object()
        .bucket("files")
        .key(id.to_string())
        .body(body.into())
        .send()
        .await //~ SA001
        .map_err(actix_web::error::ErrorBadGateway)?;
    client.execute("INSERT INTO files (id) VALUES ($1)", &[&id]).await.map_err(failed)?;
    Ok(HttpResponse::Created().finish())
}

fn failed(error: tokio_postgres::Error) -> actix_web::Error {
    actix_web::error::ErrorInternalServerError(error)
}
