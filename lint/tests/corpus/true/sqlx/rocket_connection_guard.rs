// Rocket's connection guard is held for the whole request, the remote call included.
use rocket::{State, get, serde::json::Json};
use rocket_db_pools::{Connection, Database, sqlx};

#[derive(Database)]
#[database("shop")]
pub struct ShopDb(sqlx::PgPool);

#[get("/products/<id>/stock")]
pub async fn stock(mut db: Connection<ShopDb>, erp: &State<Erp>, id: i64) -> Option<Json<i64>> {
    let sku: String = sqlx::query_scalar("SELECT sku FROM products WHERE id = $1")
        .bind(id)
        .fetch_one(&mut **db)
        .await
        .ok()?;
    let amount = erp.stock(&sku).await.ok()?; //~ SA006
    Some(Json(amount))
}

pub struct Erp {
    http: reqwest::Client,
}

impl Erp {
    pub async fn stock(&self, sku: &str) -> reqwest::Result<i64> {
        self.http.get(format!("http://erp/{sku}")).send().await?.json().await
    }
}
