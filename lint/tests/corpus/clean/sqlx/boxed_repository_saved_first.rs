// The boxed repository is saved on one path and cancelled on the other, and only then is the server asked.
use async_trait::async_trait;
use sqlx::{PgPool, Postgres, Transaction};

#[async_trait]
pub trait Repository: Send {
    async fn add(&mut self, name: &str) -> Result<bool, RepoError>;
    async fn save(self: Box<Self>) -> Result<(), RepoError>;
    async fn cancel(self: Box<Self>) -> Result<(), RepoError>;
}

pub struct PgRepository {
    txn: Transaction<'static, Postgres>,
}

#[async_trait]
impl Repository for PgRepository {
    async fn add(&mut self, name: &str) -> Result<bool, RepoError> {
        let done = sqlx::query("INSERT INTO users (name) VALUES ($1) ON CONFLICT DO NOTHING")
            .bind(name)
            .execute(&mut *self.txn)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    async fn save(self: Box<Self>) -> Result<(), RepoError> {
        Ok(self.txn.commit().await?)
    }

    async fn cancel(self: Box<Self>) -> Result<(), RepoError> {
        Ok(self.txn.rollback().await?)
    }
}

pub async fn open(pool: &PgPool) -> Result<Box<dyn Repository>, RepoError> {
    Ok(Box::new(PgRepository { txn: pool.begin().await? }))
}

pub async fn provision(pool: &PgPool, hs: &Homeserver, name: &str) -> Result<bool, RepoError> {
    let mut repo = open(pool).await?;
    if !repo.add(name).await? {
        repo.cancel().await?;
        return Ok(false);
    }
    repo.save().await?;
    hs.create_user(name).await?;
    Ok(true)
}

pub struct Homeserver(reqwest::Client);

impl Homeserver {
    pub async fn create_user(&self, name: &str) -> Result<(), reqwest::Error> {
        self.0.put(format!("http://hs/users/{name}")).send().await?;
        Ok(())
    }
}
