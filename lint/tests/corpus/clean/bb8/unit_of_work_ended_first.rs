// The unit of work is ended before the printer is asked.
use bb8::{Pool, PooledConnection};
use bb8_postgres::PostgresConnectionManager;
use tokio_postgres::NoTls;

type Manager = PostgresConnectionManager<NoTls>;

pub struct Unit<'p> {
    conn: PooledConnection<'p, Manager>,
}

impl<'p> Unit<'p> {
    pub async fn begin(pool: &'p Pool<Manager>) -> anyhow::Result<Unit<'p>> {
        Ok(Unit { conn: pool.get().await? })
    }

    pub async fn number(&self) -> anyhow::Result<i64> {
        Ok(self.conn.query_one("SELECT nextval('tickets')", &[]).await?.get(0))
    }

    pub fn end(self) {}
}

pub async fn ticket(pool: &Pool<Manager>, http: &reqwest::Client) -> anyhow::Result<i64> {
    let unit = Unit::begin(pool).await?;
    let number = unit.number().await?;
    unit.end();
    http.post("http://printer").body(number.to_string()).send().await?;
    Ok(number)
}
