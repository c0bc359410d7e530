// A unit of work receives every await until it is committed; the mail goes out after that.
use sqlx::{PgPool, Postgres, Transaction};

pub struct UnitOfWork<'p> {
    tx: Transaction<'p, Postgres>,
}

impl<'p> UnitOfWork<'p> {
    pub async fn new(pool: &'p PgPool) -> sqlx::Result<Self> {
        Ok(Self { tx: pool.begin().await? })
    }

    pub fn users(&mut self) -> Users<'_, 'p> {
        Users { tx: &mut self.tx }
    }

    pub async fn commit(self) -> sqlx::Result<()> {
        self.tx.commit().await
    }
}

pub struct Users<'u, 'p> {
    tx: &'u mut Transaction<'p, Postgres>,
}

impl Users<'_, '_> {
    pub async fn insert(&mut self, email: &str) -> sqlx::Result<i64> {
        sqlx::query_scalar("INSERT INTO users (email) VALUES ($1) RETURNING id")
            .bind(email)
            .fetch_one(&mut **self.tx)
            .await
    }
}

pub async fn register(pool: &PgPool, mail: &dyn Mail, email: &str) -> anyhow::Result<i64> {
    let mut uow = UnitOfWork::new(pool).await?;
    let id = uow.users().insert(email).await?;
    uow.commit().await?;
    mail.welcome(email).await?;
    Ok(id)
}

#[async_trait::async_trait]
pub trait Mail: Sync {
    async fn welcome(&self, to: &str) -> anyhow::Result<()>;
}
