// The code of a login is exchanged for a token in the middle of a transaction.
use oauth2::basic::BasicClient;
use oauth2::reqwest::async_http_client;
use oauth2::{AuthorizationCode, TokenResponse};
use tokio_postgres::Client;

pub async fn log_in(
    db: &mut Client,
    provider: &BasicClient,
    state: &str,
    code: String,
) -> anyhow::Result<()> {
    let tx = db.transaction().await?;
    tx.execute("DELETE FROM logins WHERE state = $1", &[&state]).await?;
    let token = provider
        .exchange_code(AuthorizationCode::new(code))
        .request_async(async_http_client)
        .await?; //~ SA001
    tx.execute("INSERT INTO tokens (token) VALUES ($1)", &[&token.access_token().secret()]).await?;
    tx.commit().await?;
    Ok(())
}
