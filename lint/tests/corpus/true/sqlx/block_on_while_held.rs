// A synchronous trait method is bridged with block_on while a connection is held.
use futures::executor::block_on;
use sqlx::PgPool;

pub trait Geocoder {
    fn locate(&self, city: &str) -> (f64, f64);
}

pub struct RemoteGeocoder(reqwest::Client);

impl RemoteGeocoder {
    async fn ask(&self, city: &str) -> reqwest::Result<(f64, f64)> {
        self.0.get(format!("http://geo/{city}")).send().await?.json().await
    }
}

pub async fn place(
    pool: &PgPool,
    geocoder: &RemoteGeocoder,
    shop: i64,
    city: &str,
) -> anyhow::Result<()> {
    let mut conn = pool.acquire().await?;
    let (lat, lon) = block_on(geocoder.ask(city))?; //~ SA004
    sqlx::query("UPDATE shops SET lat = $1, lon = $2 WHERE id = $3")
        .bind(lat)
        .bind(lon)
        .bind(shop)
        .execute(&mut *conn)
        .await?;
    Ok(())
}
