// The wrapper's own `transaction` runs a closure that calls out.
use diesel_async::pooled_connection::deadpool::{Object, Pool};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

pub struct Primary {
    conn: Object<AsyncPgConnection>,
}

impl Primary {
    pub async fn transaction<R, F>(&mut self, callback: F) -> Result<R, StoreError>
    where
        F: Callback<R, Self>,
    {
        diesel::sql_query("BEGIN").execute(&mut self.conn).await?;
        let value = callback.call(self).await?;
        diesel::sql_query("COMMIT").execute(&mut self.conn).await?;
        Ok(value)
    }

    pub async fn assign(&mut self, node: &str) -> Result<(), StoreError> {
        diesel::update(nodes::table).set(nodes::name.eq(node)).execute(&mut self.conn).await?;
        Ok(())
    }
}

pub async fn assign(pool: &Pool<AsyncPgConnection>, http: &reqwest::Client) -> Result<(), StoreError> {
    let mut primary = Primary { conn: pool.get().await? };
    primary
        .transaction(async move |primary| {
            let node = http.get("http://nodes/next").send().await?.text().await?; //~ SA001 SA001
            primary.assign(&node).await
        })
        .await
}
