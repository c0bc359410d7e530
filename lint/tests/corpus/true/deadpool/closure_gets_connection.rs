// A closure that gets a client is called, and its result is held over a call.
use deadpool_postgres::Pool;

pub async fn compare(pool: &Pool, shop: &ShopApi, sku: &str) -> anyhow::Result<bool> {
    let client = || async { pool.get().await.map_err(anyhow::Error::from) };
    let db = client().await?;
    let ours: i64 = db.query_one("SELECT cents FROM prices WHERE sku = $1", &[&sku]).await?.get(0);
    let theirs = shop.price(sku).await?; //~ SA001
    db.execute(
        "INSERT INTO compared (sku, ours, theirs) VALUES ($1, $2, $3)",
        &[&sku, &ours, &theirs],
    )
    .await?;
    Ok(ours < theirs)
}

pub struct ShopApi(reqwest::Client);

impl ShopApi {
    pub async fn price(&self, sku: &str) -> anyhow::Result<i64> {
        Ok(self.0.get(format!("http://shop/{sku}")).send().await?.json().await?)
    }
}
