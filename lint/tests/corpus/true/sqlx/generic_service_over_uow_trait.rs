// A service generic over a unit-of-work trait holds one over a call to the loyalty programme.
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
    loyalty: LoyaltyApi,
}

impl<F: UnitOfWorkFactory> CheckoutService<F> {
    pub async fn complete(&self, customer: i64) -> Result<(), StoreError> {
        let mut uow = self.factory.start().await?;
        let points = self.loyalty.points_for(customer).await?; //~ SA001
        uow.add_points(customer, points).await?;
        uow.commit().await
    }
}

pub struct LoyaltyApi(reqwest::Client);

impl LoyaltyApi {
    pub async fn points_for(&self, customer: i64) -> Result<i32, StoreError> {
        Ok(self.0.get(format!("http://loyalty/{customer}")).send().await?.json().await?)
    }
}
