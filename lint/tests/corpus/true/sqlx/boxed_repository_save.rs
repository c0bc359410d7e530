// A boxed repository is ended by save(), and a homeserver is asked before that.
use async_trait::async_trait;
use sqlx::{PgPool, Postgres, Transaction};

#[async_trait]
pub trait Repository: Send {
    async fn user_id(&mut self, name: &str) -> Result<Option<i64>, RepoError>;
    async fn save(self: Box<Self>) -> Result<(), RepoError>;
    async fn cancel(self: Box<Self>) -> Result<(), RepoError>;
}

pub type BoxRepository = Box<dyn Repository>;

pub struct PgRepository {
    txn: Transaction<'static, Postgres>,
}

impl PgRepository {
    pub async fn from_pool(pool: &PgPool) -> Result<BoxRepository, RepoError> {
        Ok(Box::new(PgRepository { txn: pool.begin().await? }))
    }
}

#[async_trait]
impl Repository for PgRepository {
    async fn user_id(&mut self, name: &str) -> Result<Option<i64>, RepoError> {
        Ok(sqlx::query_scalar("SELECT id FROM users WHERE name = $1")
            .bind(name)
            .fetch_optional(&mut *self.txn)
            .await?)
    }

    async fn save(self: Box<Self>) -> Result<(), RepoError> {
        Ok(self.txn.commit().await?)
    }

    async fn cancel(self: Box<Self>) -> Result<(), RepoError> {
        Ok(self.txn.rollback().await?)
    }
}

pub async fn provision(
    pool: &PgPool,
    homeserver: &Homeserver,
    name: &str,
) -> Result<bool, RepoError> {
    let mut repo = PgRepository::from_pool(pool).await?;
    let Some(id) = repo.user_id(name).await? else {
        repo.cancel().await?;
        return Ok(false);
    };
    homeserver.create_user(id, name).await?; //~ SA001
    repo.save().await?;
    Ok(true)
}

pub struct Homeserver(reqwest::Client);

impl Homeserver {
    pub async fn create_user(&self, id: i64, name: &str) -> Result<(), reqwest::Error> {
        self.0.put(format!("http://hs/users/{id}")).body(name.to_owned()).send().await?;
        Ok(())
    }
}
