// `begin` fills the unit's place for a transaction, which is open from then on.
use sqlx::{PgPool, Postgres, Transaction};

pub struct UnitOfWork {
    pool: PgPool,
    open: Option<Transaction<'static, Postgres>>,
}

impl UnitOfWork {
    fn new(pool: PgPool) -> Self {
        Self { pool, open: None }
    }

    async fn begin(&mut self) -> Result<(), sqlx::Error> {
        self.open = Some(self.pool.begin().await?);
        Ok(())
    }

    async fn commit(&mut self) -> Result<(), sqlx::Error> {
        match self.open.take() {
            Some(tx) => tx.commit().await,
            None => Ok(()),
        }
    }

    async fn add_parcel(&mut self, id: i64) -> Result<(), sqlx::Error> {
        let Some(tx) = self.open.as_mut() else { return Ok(()) };
        sqlx::query("INSERT INTO parcels (id) VALUES ($1)").bind(id).execute(&mut **tx).await?;
        Ok(())
    }
}

pub async fn ship(pool: PgPool, http: &reqwest::Client, id: i64) -> anyhow::Result<()> {
    let mut unit = UnitOfWork::new(pool);
    unit.begin().await?;
    unit.add_parcel(id).await?;
    http.post("http://courier/pickups").body(id.to_string()).send().await?; //~ SA001
    unit.commit().await?;
    http.post("http://courier/confirmed").send().await?;
    Ok(())
}
