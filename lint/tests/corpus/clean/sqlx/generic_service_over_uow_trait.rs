// A service generic over a unit-of-work trait asks the loyalty programme first.
use sqlx::{PgPool, Postgres, Transaction};

#[trait_variant::make(Send)]
pub trait UnitOfWork {
    async fn add_points(&mut self, customer: i64, points: i32) -> Result<(), StoreError>;
    async fn commit(self) -> Result<(), StoreError>;
}

#[trait_variant::make(Send)]
pub trait UnitOfWorkFactory {
    type Uow: UnitOfWork;

    async fn start(&self) -> Result<Self::Uow, StoreError>;
}

pub struct PgFactory(PgPool);
pub struct PgUow(Transaction<'static, Postgres>);

impl UnitOfWorkFactory for PgFactory {
    type Uow = PgUow;

    async fn start(&self) -> Result<PgUow, StoreError> {
        Ok(PgUow(self.0.begin().await?))
    }
}

impl UnitOfWork for PgUow {
    async fn add_points(&mut self, customer: i64, points: i32) -> Result<(), StoreError> {
        sqlx::query("UPDATE customers SET points = points + $1 WHERE id = $2")
            .bind(points)
            .bind(customer)
            .execute(&mut *self.0)
            .await?;
        Ok(())
    }

    async fn commit(self) -> Result<(), StoreError> {
        Ok(self.0.commit().await?)
    }
}

pub struct CheckoutService<F> {
    factory: F,
    loyalty: reqwest::Client,
}

impl<F: UnitOfWorkFactory> CheckoutService<F> {
    pub async fn complete(&self, customer: i64) -> Result<(), StoreError> {
        let answer = self.loyalty.get(format!("http://loyalty/{customer}")).send().await?;
        let points: i32 = answer.json().await?;
        let mut uow = self.factory.start().await?;
        uow.add_points(customer, points).await?;
        uow.commit().await
    }
}
