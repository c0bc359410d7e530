// A repository behind a trait goes to the pool while the service's transaction is open.
use async_trait::async_trait;
use sqlx::PgPool;
use std::sync::Arc;

#[async_trait]
pub trait ProductRepo: Send + Sync {
    async fn price_of(&self, id: i64) -> Result<i64, sqlx::Error>;
}

pub struct PgProductRepo {
    pool: PgPool,
}

#[async_trait]
impl ProductRepo for PgProductRepo {
    async fn price_of(&self, id: i64) -> Result<i64, sqlx::Error> {
        sqlx::query_scalar("SELECT price FROM products WHERE id = $1")
            .bind(id)
            .fetch_one(&self.pool)
            .await
    }
}

pub struct Checkout {
    pool: PgPool,
    products: Arc<dyn ProductRepo>,
}

impl Checkout {
    pub async fn place(&self, product: i64, customer: i64) -> Result<(), sqlx::Error> {
        let mut tx = self.pool.begin().await?;
        let price = self.products.price_of(product).await?; //~ SA002
        sqlx::query("INSERT INTO orders (product, customer, price) VALUES ($1, $2, $3)")
            .bind(product)
            .bind(customer)
            .bind(price)
            .execute(&mut *tx)
            .await?;
        tx.commit().await
    }
}
