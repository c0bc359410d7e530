// A portal's pages are summed up with nothing else awaited.
use tokio_postgres::{Client, Error};

pub async fn total(client: &mut Client) -> Result<i64, Error> {
    let tx = client.transaction().await?;
    let portal = tx.bind("SELECT cents FROM sales", &[]).await?;
    let mut sum = 0;
    loop {
        let rows = tx.query_portal(&portal, 1000).await?;
        if rows.is_empty() {
            break;
        }
        sum += rows.iter().map(|row| row.get::<_, i64>(0)).sum::<i64>();
    }
    tx.commit().await?;
    Ok(sum)
}
