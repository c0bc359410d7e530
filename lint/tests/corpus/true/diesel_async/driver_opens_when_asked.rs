// A driver begins its transaction when a step first asks for the connection; the step then sends a mail.
use std::sync::Arc;

use diesel::prelude::*;
use diesel_async::{
    AsyncPgConnection, RunQueryDsl,
    pooled_connection::bb8::{Pool, PooledConnection},
};

use crate::schema::links;

pub struct App {
    pool: Pool<AsyncPgConnection>,
    mail: reqwest::Client,
}

impl App {
    async fn db(&self) -> anyhow::Result<PooledConnection<'_, AsyncPgConnection>> {
        Ok(self.pool.get().await?)
    }
}

pub struct Driver<'a> {
    app: &'a Arc<App>,
    conn: Option<PooledConnection<'a, AsyncPgConnection>>,
}

impl<'a> Driver<'a> {
    pub async fn conn(&mut self) -> anyhow::Result<&mut PooledConnection<'a, AsyncPgConnection>> {
        let conn = &mut self.conn;
        if let Some(conn) = conn {
            return Ok(conn);
        }
        let db = self.app.db().await?;
        Ok(conn.insert(db))
    }
}

pub async fn send_link(app: &App, driver: &mut Driver<'_>, to: &str) -> anyhow::Result<()> {
    app.mail.get("http://mail/limits").send().await?;
    let conn = driver.conn().await?;
    diesel::insert_into(links::table).values(links::email.eq(to)).execute(conn).await?;
    app.mail.post("http://mail").body(to.to_owned()).send().await?; //~ SA001
    Ok(())
}
