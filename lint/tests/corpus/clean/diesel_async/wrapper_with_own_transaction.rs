// The wrapper's own `transaction` gives the closure what it holds, under the same name.
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
        begin(&mut self.conn).await?;
        let value = callback.call(self).await?;
        commit(&mut self.conn).await?;
        Ok(value)
    }

    pub async fn assign(&mut self, node: &str) -> Result<(), StoreError> {
        diesel::update(nodes::table).set(nodes::name.eq(node)).execute(&mut self.conn).await?;
        Ok(())
    }
}

pub async fn primary(pool: &Pool<AsyncPgConnection>) -> Result<Primary, StoreError> {
    Ok(Primary { conn: pool.get().await? })
}

pub async fn assign(pool: &Pool<AsyncPgConnection>, node: &str) -> Result<(), StoreError> {
    let mut primary = primary(pool).await?;
    primary.transaction(async move |primary| primary.assign(node).await).await
}

async fn begin(conn: &mut Object<AsyncPgConnection>) -> Result<(), StoreError> {
    diesel::sql_query("BEGIN").execute(conn).await?;
    Ok(())
}

async fn commit(conn: &mut Object<AsyncPgConnection>) -> Result<(), StoreError> {
    diesel::sql_query("COMMIT").execute(conn).await?;
    Ok(())
}
