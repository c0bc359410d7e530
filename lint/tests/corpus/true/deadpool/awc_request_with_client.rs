// Actix's own HTTP client, in a handler that holds a client of the pool.
use actix_web::{HttpResponse, web};
use deadpool_postgres::Pool;

pub async fn confirm(
    pool: web::Data<Pool>,
    requests: web::Data<awc::Client>,
    id: web::Path<i64>,
) -> Result<HttpResponse, Box<dyn std::error::Error>> {
    let client = pool.get().await?;
    let row = client.query_one("SELECT callback FROM orders WHERE id = $1", &[&*id]).await?;
    let url: String = row.get("callback");
    let answer = requests.post(url).send_json(&*id).await?; //~ SA001
    client.execute("UPDATE orders SET confirmed = $1 WHERE id = $2", &[&answer.status().is_success(), &*id]).await?;
    Ok(HttpResponse::Ok().finish())
}
