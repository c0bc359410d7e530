// A stream of the pool gives its connection back at its end, or with its error.
use futures::TryStreamExt;
use sqlx::PgPool;

pub struct Parcel {
    pub id: i64,
    pub street: String,
}

pub async fn parcels(pool: &PgPool) -> Result<(Vec<Parcel>, bool), sqlx::Error> {
    let mut rows = sqlx::query_as::<_, Parcel>("SELECT id, street FROM parcels LIMIT 50").fetch(pool);
    let mut page = Vec::new();
    while let Some(parcel) = rows.try_next().await? {
        page.push(parcel);
    }
    let last: i64 = sqlx::query_scalar("SELECT max(id) FROM parcels").fetch_one(pool).await?;
    let more = page.last().is_some_and(|parcel| parcel.id < last);
    Ok((page, more))
}
