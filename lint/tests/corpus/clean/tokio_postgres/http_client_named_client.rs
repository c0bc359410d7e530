// The client is an HTTP client, and its transaction is an invoice.
use reqwest::Client;

pub async fn fetch_transaction(client: &Client, id: &str) -> reqwest::Result<String> {
    let response = client.get(format!("http://bank/transactions/{id}")).send().await?;
    let body = response.text().await?;
    client.post("http://bank/seen").body(id.to_owned()).send().await?;
    Ok(body)
}
