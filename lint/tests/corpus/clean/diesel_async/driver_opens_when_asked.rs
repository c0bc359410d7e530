// A driver begins its transaction when a step first asks for the connection; all else is awaited before.
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
    pub fn new(app: &'a Arc<App>) -> Driver<'a> {
        Driver { app, conn: None }
    }

    pub async fn conn(&mut self) -> anyhow::Result<&mut PooledConnection<'a, AsyncPgConnection>> {
        let conn = &mut self.conn;
        if let Some(conn) = conn {
            return Ok(conn);
        }
        let db = self.app.db().await?;
        Ok(conn.insert(db))
    }
}

async fn step(app: &App, driver: &mut Driver<'_>, to: &str) -> anyhow::Result<usize> {
    app.mail.post("http://mail").body(to.to_owned()).send().await?;
    let conn = driver.conn().await?;
    let row = links::email.eq(to);
    let count = diesel::insert_into(links::table).values(row).execute(conn).await?;
    let conn = driver.conn().await?;
    diesel::delete(links::table.filter(links::used.eq(true))).execute(conn).await?;
    Ok(count)
}

pub async fn run(app: &Arc<App>, to: &str) -> anyhow::Result<usize> {
    let mut driver = Driver::new(app);
    app.mail.get("http://mail/limits").send().await?;
    step(app, &mut driver, to).await
}
