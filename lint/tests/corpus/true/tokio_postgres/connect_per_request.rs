// A handler opens a connection of its own and lets it idle during a remote call.
use axum::extract::Path;
use tokio_postgres::NoTls;

pub async fn invoice_pdf(Path(id): Path<i64>) -> Result<Vec<u8>, AppError> {
    let (client, connection) =
        tokio_postgres::connect(&std::env::var("DATABASE_URL")?, NoTls).await?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::error!(%error, "connection");
        }
    });
    let row = client.query_one("SELECT html FROM invoices WHERE id = $1", &[&id]).await?;
    let pdf = render(row.get(0)).await?; //~ SA001
    client.execute("UPDATE invoices SET printed = now() WHERE id = $1", &[&id]).await?;
    Ok(pdf)
}

async fn render(html: String) -> Result<Vec<u8>, AppError> {
    let answer = reqwest::Client::new().post("http://gotenberg/forms").body(html).send().await?;
    Ok(answer.bytes().await?.to_vec())
}
