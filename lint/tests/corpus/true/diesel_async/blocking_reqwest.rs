// A blocking HTTP client is used while a pooled connection is out.
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl, pooled_connection::deadpool::Object};
use reqwest::blocking::Client;

use crate::schema::domains;

pub async fn verify_domain(
    conn: &mut Object<AsyncPgConnection>,
    domain: &str,
) -> anyhow::Result<bool> {
    let token: String =
        domains::table.filter(domains::name.eq(domain)).select(domains::token).first(conn).await?;
    let body = Client::new().get(format!("https://{domain}/.well-known/check")).send()?.text()?; //~ SA004
    Ok(body.trim() == token)
}
