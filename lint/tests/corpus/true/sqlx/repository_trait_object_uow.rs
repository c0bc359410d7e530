// The transaction sits behind a trait object that a repository factory hands out.
use async_trait::async_trait;
use sqlx::{PgPool, Postgres, Transaction};

#[async_trait]
pub trait Uow: Send {
    async fn reserve(&mut self, room: i64) -> Result<(), RepoError>;
    async fn commit(self: Box<Self>) -> Result<(), RepoError>;
}

#[async_trait]
pub trait Store: Send + Sync {
    async fn begin(&self) -> Result<Box<dyn Uow>, RepoError>;
}

pub struct PgStore(PgPool);

pub struct PgUow {
    tx: Transaction<'static, Postgres>,
}

#[async_trait]
impl Store for PgStore {
    async fn begin(&self) -> Result<Box<dyn Uow>, RepoError> {
        Ok(Box::new(PgUow { tx: self.0.begin().await? }))
    }
}

#[async_trait]
impl Uow for PgUow {
    async fn reserve(&mut self, room: i64) -> Result<(), RepoError> {
        sqlx::query("INSERT INTO reservations (room) VALUES ($1)")
            .bind(room)
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    async fn commit(self: Box<Self>) -> Result<(), RepoError> {
        self.tx.commit().await?;
        Ok(())
    }
}

pub async fn book(store: &dyn Store, door: &DoorApi, room: i64) -> Result<String, RepoError> {
    let mut uow = store.begin().await?;
    uow.reserve(room).await?;
    let code = door.issue_code(room).await?; //~ SA001
    uow.commit().await?;
    Ok(code)
}

pub struct DoorApi(reqwest::Client);

impl DoorApi {
    pub async fn issue_code(&self, room: i64) -> Result<String, reqwest::Error> {
        self.0.post(format!("http://doors/{room}/codes")).send().await?.text().await
    }
}
