// A cursor's pages are posted to a warehouse inside the transaction that the cursor needs.
use tokio_postgres::{Client, IsolationLevel, Row};

pub async fn export(client: &mut Client, warehouse: &Warehouse) -> anyhow::Result<()> {
    let tx = client
        .build_transaction()
        .isolation_level(IsolationLevel::RepeatableRead)
        .read_only(true)
        .start()
        .await?;
    let portal = tx.bind("SELECT id, body FROM facts", &[]).await?;
    loop {
        let rows = tx.query_portal(&portal, 500).await?;
        if rows.is_empty() {
            break;
        }
        warehouse.append(rows.iter().map(line).collect()).await?; //~ SA001
    }
    tx.commit().await?;
    Ok(())
}

fn line(row: &Row) -> String {
    format!("{}\t{}", row.get::<_, i64>(0), row.get::<_, String>(1))
}

pub struct Warehouse {
    http: reqwest::Client,
}

impl Warehouse {
    pub async fn append(&self, lines: Vec<String>) -> anyhow::Result<()> {
        self.http.post("http://warehouse/append").body(lines.join("\n")).send().await?;
        Ok(())
    }
}
