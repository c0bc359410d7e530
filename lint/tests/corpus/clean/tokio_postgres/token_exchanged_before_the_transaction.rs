// The token is there before the transaction begins.
use oauth2::basic::BasicClient;
use oauth2::reqwest::async_http_client;
use oauth2::{AuthorizationCode, TokenResponse};
use tokio_postgres::Client;

pub async fn log_in(
    pool: &deadpool_postgres::Pool,
    provider: &BasicClient,
    code: String,
) -> anyhow::Result<()> {
    let token = provider
        .exchange_code(AuthorizationCode::new(code))
        .request_async(async_http_client)
        .await?;
    let mut client = pool.get().await?;
    let tx = client.transaction().await?;
    let insert = tx.prepare("INSERT INTO tokens (token) VALUES ($1)").await?;
    tx.execute(&insert, &[&token.access_token().secret()]).await?;
    tx.commit().await?;
    Ok(())
}
