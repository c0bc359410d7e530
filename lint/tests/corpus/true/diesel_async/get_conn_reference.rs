// A reference to the connection that get_conn() gives keeps it to the end of the function.
use diesel::prelude::*;
use diesel_async::{
    AsyncPgConnection, RunQueryDsl,
    pooled_connection::deadpool::{Object, Pool},
};

use crate::schema::community;

pub type ActualDbPool = Pool<AsyncPgConnection>;

pub enum DbPool<'a> {
    Pool(&'a ActualDbPool),
    Conn(&'a mut AsyncPgConnection),
}

pub enum DbConn<'a> {
    Pool(Object<AsyncPgConnection>),
    Conn(&'a mut AsyncPgConnection),
}

impl std::ops::Deref for DbConn<'_> {
    type Target = AsyncPgConnection;

    fn deref(&self) -> &AsyncPgConnection {
        match self {
            DbConn::Pool(conn) => conn,
            DbConn::Conn(conn) => conn,
        }
    }
}

impl std::ops::DerefMut for DbConn<'_> {
    fn deref_mut(&mut self) -> &mut AsyncPgConnection {
        match self {
            DbConn::Pool(conn) => conn,
            DbConn::Conn(conn) => conn,
        }
    }
}

pub async fn get_conn<'a, 'b: 'a>(pool: &'a mut DbPool<'b>) -> anyhow::Result<DbConn<'a>> {
    Ok(match pool {
        DbPool::Pool(pool) => DbConn::Pool(pool.get().await?),
        DbPool::Conn(conn) => DbConn::Conn(conn),
    })
}

pub async fn fetch_remote_community(
    pool: &mut DbPool<'_>,
    federation: &Federation,
    name: &str,
) -> anyhow::Result<i32> {
    let conn = &mut get_conn(pool).await?;
    let inbox: String = community::table
        .filter(community::name.eq(name))
        .select(community::inbox)
        .first(conn)
        .await?;
    let members = federation.members(&inbox).await?; //~ SA001
    diesel::update(community::table.filter(community::name.eq(name)))
        .set(community::members.eq(members))
        .execute(conn)
        .await?;
    Ok(members)
}

pub struct Federation(reqwest::Client);

impl Federation {
    pub async fn members(&self, inbox: &str) -> anyhow::Result<i32> {
        Ok(self.0.get(inbox).send().await?.json().await?)
    }
}
