// A block that awaits nothing is instrumented: nothing is waited for.
use sqlx::{PgConnection, Row};
use tracing::{Instrument, info_span};

pub async fn tariff(conn: &mut PgConnection) -> anyhow::Result<(String, i64)> {
    let row = sqlx::query("SELECT name, cents FROM tariffs").fetch_one(conn).await?;
    let read = async {
        let name: String = row.try_get(0)?;
        Ok::<_, anyhow::Error>((name, row.try_get(1)?))
    }
    .instrument(info_span!("read tariff"))
    .await?;
    Ok(read)
}
