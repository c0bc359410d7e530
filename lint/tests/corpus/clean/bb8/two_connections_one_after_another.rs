// The second connection is taken after the first one's block is over.
use bb8::Pool;
use bb8_postgres::PostgresConnectionManager;
use tokio_postgres::NoTls;

type Pg = Pool<PostgresConnectionManager<NoTls>>;

pub async fn copy(from: &Pg, to: &Pg) -> anyhow::Result<usize> {
    let rows = {
        let source = from.get().await?;
        source.query("SELECT id, name FROM items", &[]).await?
    };
    let target = to.get().await?;
    for row in &rows {
        let (id, name): (i64, String) = (row.get(0), row.get(1));
        target.execute("INSERT INTO items (id, name) VALUES ($1, $2)", &[&id, &name]).await?;
    }
    Ok(rows.len())
}
