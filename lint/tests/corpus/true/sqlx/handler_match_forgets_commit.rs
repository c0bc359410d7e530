// The success arm of a handler answers before it commits.
use actix_web::{HttpResponse, web};
use sqlx::PgPool;

#[derive(serde::Deserialize)]
pub struct Rename {
    name: String,
}

pub async fn rename_team(
    pool: web::Data<PgPool>,
    path: web::Path<i64>,
    body: web::Json<Rename>,
) -> Result<HttpResponse, actix_web::Error> {
    let mut tx = pool.begin().await.map_err(actix_web::error::ErrorInternalServerError)?; //~ SA005
    let result = sqlx::query("UPDATE teams SET name = $1 WHERE id = $2")
        .bind(&body.name)
        .bind(path.into_inner())
        .execute(&mut *tx)
        .await;
    match result {
        Ok(done) if done.rows_affected() == 1 => Ok(HttpResponse::NoContent().finish()),
        Ok(_) => Err(actix_web::error::ErrorNotFound("no such team")),
        Err(error) => Err(actix_web::error::ErrorInternalServerError(error)),
    }
}
