// A service is generic over a trait that extends the one with the connection's type, and mails while it holds one.
use std::future::Future;

use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, pooled_connection::bb8};

use crate::schema::invitations;

pub trait Database: Send + Sync {
    type Conn<'a>: AsyncConnection<Backend = diesel::pg::Pg>
    where
        Self: 'a;

    fn conn(&self) -> impl Future<Output = anyhow::Result<Self::Conn<'_>>> + Send;
}

pub trait Mail: Send + Sync {
    fn mail(&self, to: &str, text: &str) -> impl Future<Output = anyhow::Result<()>> + Send;
}

pub trait App: Database + Mail + 'static {}

pub struct Server {
    pool: bb8::Pool<AsyncPgConnection>,
    http: reqwest::Client,
}

impl App for Server {}

impl Database for Server {
    type Conn<'a>
        = bb8::PooledConnection<'a, AsyncPgConnection>
    where
        Self: 'a;

    async fn conn(&self) -> anyhow::Result<Self::Conn<'_>> {
        Ok(self.pool.get().await?)
    }
}

impl Mail for Server {
    async fn mail(&self, to: &str, text: &str) -> anyhow::Result<()> {
        self.http.post(to).body(text.to_owned()).send().await?;
        Ok(())
    }
}

pub async fn invite<A: App>(app: &A, email: &str) -> anyhow::Result<()> {
    let mut conn = app.conn().await?;
    diesel::insert_into(invitations::table)
        .values(invitations::email.eq(email))
        .execute(&mut conn)
        .await?;
    app.mail(email, "Welcome").await?; //~ SA001
    Ok(())
}
