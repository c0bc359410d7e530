// An arm of a match on a plain value waits for a feature service with the transaction open.
use sqlx::PgPool;

pub enum Plan {
    Free,
    Team(u32),
    Custom(String),
}

pub async fn set_plan(
    pool: &PgPool,
    limits: &LimitApi,
    org: i64,
    plan: Plan,
) -> anyhow::Result<()> {
    let mut tx = pool.begin().await?;
    let seats: i64 = match &plan {
        Plan::Free => 3,
        Plan::Team(seats) => i64::from(*seats),
        Plan::Custom(contract) => limits.seats(contract).await?, //~ SA001
    };
    sqlx::query("UPDATE orgs SET seats = $1 WHERE id = $2")
        .bind(seats)
        .bind(org)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(())
}

pub struct LimitApi(reqwest::Client);

impl LimitApi {
    pub async fn seats(&self, contract: &str) -> anyhow::Result<i64> {
        Ok(self.0.get(format!("http://limits/{contract}")).send().await?.json().await?)
    }
}
