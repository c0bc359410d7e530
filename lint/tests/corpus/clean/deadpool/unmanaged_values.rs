// An unmanaged pool lends what it was given: buffers here.
use deadpool::unmanaged::Pool;

pub async fn render(pool: &Pool<Vec<u8>>, http: &reqwest::Client) -> anyhow::Result<()> {
    let mut buffer = pool.get().await?;
    let page = http.get("https://pages.test").send().await?.bytes().await?;
    buffer.extend_from_slice(&page);
    Ok(())
}
