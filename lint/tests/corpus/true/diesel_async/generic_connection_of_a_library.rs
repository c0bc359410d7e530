// A function of a library takes any connection of diesel-async, and calls out while it has it.
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};

use crate::schema::keys;

pub async fn refresh(
    conn: &mut impl AsyncConnection<Backend = Pg>,
    http: &reqwest::Client,
    issuer: &str,
) -> anyhow::Result<()> {
    let url: String =
        keys::table.filter(keys::issuer.eq(issuer)).select(keys::url).first(conn).await?;
    let document = http.get(url).send().await?.text().await?; //~ SA001 SA001
    diesel::update(keys::table.filter(keys::issuer.eq(issuer)))
        .set(keys::document.eq(document))
        .execute(conn)
        .await?;
    Ok(())
}
