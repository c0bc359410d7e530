// The transaction's closure only runs statements; the message goes out after it.
use diesel::prelude::*;
use diesel_async::{
    AsyncConnection, AsyncPgConnection, RunQueryDsl, pooled_connection::deadpool::Pool,
    scoped_futures::ScopedFutureExt,
};

use crate::schema::{comments, posts};

pub async fn comment(
    pool: &Pool<AsyncPgConnection>,
    push: &Push,
    post: i32,
    text: &str,
) -> anyhow::Result<i32> {
    let id = {
        let mut conn = pool.get().await?;
        conn.transaction::<i32, diesel::result::Error, _>(|conn| {
            async move {
                let id = diesel::insert_into(comments::table)
                    .values((comments::post.eq(post), comments::text.eq(text)))
                    .returning(comments::id)
                    .get_result(conn)
                    .await?;
                diesel::update(posts::table.find(post))
                    .set(posts::comments.eq(posts::comments + 1))
                    .execute(conn)
                    .await?;
                Ok(id)
            }
            .scope_boxed()
        })
        .await?
    };
    push.notify(post, id).await?;
    Ok(id)
}

pub struct Push(reqwest::Client);

impl Push {
    pub async fn notify(&self, post: i32, comment: i32) -> anyhow::Result<()> {
        self.0.post("http://push").json(&(post, comment)).send().await?;
        Ok(())
    }
}
