// A future made of the connection gives a stream, which is collected in the block that awaits both.
use diesel::{pg::Pg, prelude::*, query_builder::QueryFragment};
use diesel_async::{AsyncPgConnection, RunQueryDsl, methods::LoadQuery};
use futures::{FutureExt, TryStreamExt, future::BoxFuture};

pub struct Paged<T> {
    query: T,
    per_page: i64,
}

pub struct Page<U> {
    pub rows: Vec<U>,
    pub per_page: i64,
}

impl<T> Paged<T> {
    pub fn load<'a, U>(self, conn: &'a mut AsyncPgConnection) -> BoxFuture<'a, QueryResult<Page<U>>>
    where
        T: LoadQuery<'a, AsyncPgConnection, U> + 'a,
        U: Send + 'a,
    {
        let per_page = self.per_page;
        let future = self.query.internal_load(conn);

        async move {
            let rows = future.await?.try_collect().await?;
            Ok(Page { rows, per_page })
        }
        .boxed()
    }
}
