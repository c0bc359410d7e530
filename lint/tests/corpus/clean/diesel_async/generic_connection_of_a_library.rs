// A function of a library takes any connection of diesel-async, and only talks to the database.
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};

use crate::schema::keys;

pub async fn replace(
    conn: &mut impl AsyncConnection<Backend = Pg>,
    issuer: &str,
    document: &str,
) -> anyhow::Result<i64> {
    diesel::update(keys::table.filter(keys::issuer.eq(issuer)))
        .set(keys::document.eq(document))
        .execute(conn)
        .await?;
    Ok(keys::table.count().get_result(conn).await?)
}
