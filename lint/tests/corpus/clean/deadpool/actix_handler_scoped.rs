// An actix handler asks the provider first and takes its client afterwards.
use actix_web::{HttpResponse, error::ErrorInternalServerError, get, web};
use deadpool_postgres::Pool;

#[derive(serde::Deserialize)]
pub struct Callback {
    code: String,
}

#[get("/auth/callback")]
pub async fn callback(
    pool: web::Data<Pool>,
    http: web::Data<reqwest::Client>,
    query: web::Query<Callback>,
) -> actix_web::Result<HttpResponse> {
    let token = http
        .post("https://idp.test/token")
        .form(&[("code", &query.code)])
        .send()
        .await
        .map_err(ErrorInternalServerError)?
        .text()
        .await
        .map_err(ErrorInternalServerError)?;
    let client = pool.get().await.map_err(ErrorInternalServerError)?;
    client
        .execute("INSERT INTO sessions (token) VALUES ($1)", &[&token])
        .await
        .map_err(ErrorInternalServerError)?;
    Ok(HttpResponse::Ok().finish())
}
