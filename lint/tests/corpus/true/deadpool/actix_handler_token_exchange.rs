// A login handler exchanges a code with the identity provider while it holds a client.
use actix_web::{HttpResponse, error::ErrorInternalServerError, get, web};
use deadpool_postgres::Pool;

#[derive(serde::Deserialize)]
pub struct Callback {
    code: String,
    state: String,
}

#[get("/auth/callback")]
pub async fn callback(
    pool: web::Data<Pool>,
    oauth: web::Data<OauthClient>,
    query: web::Query<Callback>,
) -> actix_web::Result<HttpResponse> {
    let client = pool.get().await.map_err(ErrorInternalServerError)?;
    let known = client
        .query_opt("DELETE FROM login_states WHERE state = $1 RETURNING id", &[&query.state])
        .await
        .map_err(ErrorInternalServerError)?;
    if known.is_none() {
        return Ok(HttpResponse::BadRequest().finish());
    }
    let token = oauth.exchange(&query.code).await.map_err(ErrorInternalServerError)?; //~ SA001
    client
        .execute("INSERT INTO sessions (token) VALUES ($1)", &[&token])
        .await
        .map_err(ErrorInternalServerError)?;
    Ok(HttpResponse::Ok().finish())
}

pub struct OauthClient {
    http: reqwest::Client,
}

impl OauthClient {
    pub async fn exchange(&self, code: &str) -> Result<String, reqwest::Error> {
        self.http.post("https://idp.test/token").form(&[("code", code)]).send().await?.text().await
    }
}
