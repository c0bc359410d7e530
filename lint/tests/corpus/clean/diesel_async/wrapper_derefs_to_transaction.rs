// A wrapper's transaction method goes through its Deref to the library's.
use diesel_async::{
    AsyncConnection, AsyncPgConnection, pooled_connection::deadpool::Object,
    scoped_futures::ScopedBoxFuture,
};
use std::ops::{Deref, DerefMut};

pub enum DbConn<'a> {
    Owned(Box<Object<AsyncPgConnection>>),
    Lent(&'a mut AsyncPgConnection),
}

impl Deref for DbConn<'_> {
    type Target = AsyncPgConnection;

    fn deref(&self) -> &AsyncPgConnection {
        match self {
            DbConn::Owned(conn) => conn,
            DbConn::Lent(conn) => conn,
        }
    }
}

impl DerefMut for DbConn<'_> {
    fn deref_mut(&mut self) -> &mut AsyncPgConnection {
        match self {
            DbConn::Owned(conn) => conn,
            DbConn::Lent(conn) => conn,
        }
    }
}

impl DbConn<'_> {
    pub async fn run_transaction<'a, R, F>(&mut self, callback: F) -> anyhow::Result<R>
    where
        F: for<'r> FnOnce(&'r mut AsyncPgConnection) -> ScopedBoxFuture<'a, 'r, anyhow::Result<R>>
            + Send
            + 'a,
        R: Send + 'a,
    {
        self.deref_mut().transaction::<_, anyhow::Error, _>(callback).await
    }
}
