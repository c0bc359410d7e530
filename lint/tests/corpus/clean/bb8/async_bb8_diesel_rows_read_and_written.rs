// A row that a lent connection read is written back by the same connection.
use async_bb8_diesel::{AsyncRunQueryDsl, Connection};
use diesel::PgConnection;

use crate::{auth::Permits, models::Volume, schema::volumes::dsl};

pub async fn open(
    conn: &Connection<PgConnection>,
    permits: &Permits,
    id: i64,
) -> anyhow::Result<Volume> {
    let volume = dsl::volumes.find(id).first_async::<Volume>(conn).await?;
    let wanted = permits.wanted(volume.owner(), volume.name());
    diesel::insert_into(dsl::volumes).values(wanted).execute_async(conn).await?;
    Ok(volume)
}
