// A shell command runs synchronously while a connection is out.
use bb8::Pool;
use bb8_postgres::PostgresConnectionManager;
use std::process;
use tokio_postgres::NoTls;

pub async fn thumbnail(
    pool: &Pool<PostgresConnectionManager<NoTls>>,
    image: i64,
) -> anyhow::Result<()> {
    let conn = pool.get().await?;
    let row = conn.query_one("SELECT path FROM images WHERE id = $1", &[&image]).await?;
    let path: String = row.get("path");
    let made =
        process::Command::new("convert").args([&path, "-resize", "200x", "out.png"]).output()?; //~ SA004
    conn.execute(
        "UPDATE images SET thumbnail = $1 WHERE id = $2",
        &[&made.status.success(), &image],
    )
    .await?;
    Ok(())
}
