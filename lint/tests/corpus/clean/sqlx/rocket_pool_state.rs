// The route holds the pool, not a connection guard.
use rocket::{State, get, serde::json::Json};
use sqlx::PgPool;

#[get("/products/<id>/stock")]
pub async fn stock(db: &State<PgPool>, erp: &State<Erp>, id: i64) -> Option<Json<i64>> {
    let sku: String = sqlx::query_scalar("SELECT sku FROM products WHERE id = $1")
        .bind(id)
        .fetch_one(db.inner())
        .await
        .ok()?;
    erp.stock(&sku).await.ok().map(Json)
}

pub struct Erp {
    http: reqwest::Client,
}

impl Erp {
    pub async fn stock(&self, sku: &str) -> reqwest::Result<i64> {
        self.http.get(format!("http://erp/{sku}")).send().await?.json().await
    }
}
