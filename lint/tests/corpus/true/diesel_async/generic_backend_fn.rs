// A function generic over AsyncConnection is given a pooled one and calls out.
use diesel::{pg::Pg, prelude::*};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, pooled_connection::bb8::Pool};

use crate::schema::certificates;

pub async fn renew<C>(conn: &mut C, acme: &Acme, domain: &str) -> anyhow::Result<()>
where
    C: AsyncConnection<Backend = Pg>,
{
    let order = acme.order(domain).await?; //~ SA001
    diesel::update(certificates::table.filter(certificates::domain.eq(domain)))
        .set(certificates::pem.eq(order))
        .execute(conn)
        .await?;
    Ok(())
}

pub async fn renew_all(pool: &Pool<AsyncPgConnection>, acme: &Acme) -> anyhow::Result<()> {
    let mut conn = pool.get().await?;
    let due: Vec<String> = certificates::table
        .filter(certificates::expires.lt(diesel::dsl::now))
        .select(certificates::domain)
        .load(&mut conn)
        .await?;
    for domain in &due {
        renew(&mut *conn, acme, domain).await?;
    }
    Ok(())
}

pub struct Acme {
    http: reqwest::Client,
}

impl Acme {
    pub async fn order(&self, domain: &str) -> anyhow::Result<String> {
        Ok(self
            .http
            .post("http://acme/orders")
            .body(domain.to_owned())
            .send()
            .await?
            .text()
            .await?)
    }
}
