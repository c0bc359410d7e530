// A transaction with an async closure runs statements and a recursive helper.
use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};

use crate::schema::folders;

async fn delete_tree(conn: &mut AsyncPgConnection, root: i32) -> QueryResult<usize> {
    let children: Vec<i32> =
        folders::table.filter(folders::parent.eq(root)).select(folders::id).load(conn).await?;
    let mut gone = 0;
    for child in children {
        gone += Box::pin(delete_tree(conn, child)).await?;
    }
    Ok(gone + diesel::delete(folders::table.find(root)).execute(conn).await?)
}

pub async fn remove(conn: &mut AsyncPgConnection, root: i32) -> QueryResult<usize> {
    conn.transaction(async |conn| delete_tree(conn, root).await).await
}
