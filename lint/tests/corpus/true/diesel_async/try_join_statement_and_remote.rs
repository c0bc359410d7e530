// A try_join! puts a statement on a held connection beside an HTTP request.
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl, pooled_connection::bb8::Pool};
use futures::{TryFutureExt, try_join};

use crate::schema::orders;

pub async fn summary(
    pool: &Pool<AsyncPgConnection>,
    crm: &Crm,
    customer: i64,
) -> anyhow::Result<(i64, String)> {
    let mut conn = pool.get().await?;
    let orders =
        orders::table.filter(orders::customer.eq(customer)).count().get_result::<i64>(&mut conn);
    let (count, name) = try_join!( //~ SA003
        orders.map_err(anyhow::Error::from),
        crm.name_of(customer),
    )?;
    Ok((count, name))
}

pub struct Crm(reqwest::Client);

impl Crm {
    pub async fn name_of(&self, customer: i64) -> anyhow::Result<String> {
        Ok(self.0.get(format!("http://crm/{customer}")).send().await?.text().await?)
    }
}
