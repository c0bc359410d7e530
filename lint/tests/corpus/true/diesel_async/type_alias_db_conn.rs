// DbConn is the code base's name for a connection, passed on by mutable reference.
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

pub type DbConn = AsyncPgConnection;

use crate::schema::feeds;

pub async fn poll_feed(
    conn: &mut DbConn,
    http: &reqwest::Client,
    feed: i32,
) -> Result<usize, FeedError> {
    let url: String = feeds::table.find(feed).select(feeds::url).first(conn).await?;
    let response = http.get(&url).send().await?; //~ SA001
    let text = response.text().await?; //~ SA001
    let items = text.matches("<item>").count();
    diesel::update(feeds::table.find(feed))
        .set(feeds::items.eq(items as i32))
        .execute(conn)
        .await?;
    Ok(items)
}
