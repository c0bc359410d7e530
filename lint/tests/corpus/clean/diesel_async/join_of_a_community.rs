// join() and leave() are the code base's own, and they are lent the connection by a conversion.
use diesel::prelude::*;
use diesel_async::{
    AsyncConnection, AsyncPgConnection, RunQueryDsl, pooled_connection::deadpool::Pool,
    scoped_futures::ScopedFutureExt,
};

use crate::schema::moderators;

pub enum DbPool<'a> {
    Pool(&'a Pool<AsyncPgConnection>),
    Conn(&'a mut AsyncPgConnection),
}

impl<'a> From<&'a mut AsyncPgConnection> for DbPool<'a> {
    fn from(conn: &'a mut AsyncPgConnection) -> Self {
        DbPool::Conn(conn)
    }
}

pub struct Actions;

impl Actions {
    pub async fn join(pool: &mut DbPool<'_>, community: i32, person: i32) -> anyhow::Result<()> {
        let insert = diesel::insert_into(moderators::table)
            .values((moderators::community.eq(community), moderators::person.eq(person)));
        match pool {
            DbPool::Pool(pool) => insert.execute(&mut pool.get().await?).await?,
            DbPool::Conn(conn) => insert.execute(*conn).await?,
        };
        Ok(())
    }

    pub async fn leave(pool: &mut DbPool<'_>, community: i32, person: i32) -> anyhow::Result<()> {
        let delete = diesel::delete(
            moderators::table
                .filter(moderators::community.eq(community))
                .filter(moderators::person.eq(person)),
        );
        match pool {
            DbPool::Pool(pool) => delete.execute(&mut pool.get().await?).await?,
            DbPool::Conn(conn) => delete.execute(*conn).await?,
        };
        Ok(())
    }
}

pub async fn replace(
    conn: &mut AsyncPgConnection,
    community: i32,
    old: i32,
    new: i32,
) -> anyhow::Result<()> {
    conn.transaction::<_, anyhow::Error, _>(|conn| {
        async move {
            Actions::leave(&mut conn.into(), community, old).await?;
            Actions::join(&mut conn.into(), community, new).await?;
            Ok(())
        }
        .scope_boxed()
    })
    .await
}
