// A less-than behind a cast to a type with generics, which is no generic argument.

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

type Id<T> = T;

#[handler]
#[rustfmt::skip]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<bool, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        Ok(1_u8 as Id<u8> < (remote().await.len() as u8) && 1 > ::core::primitive::u8::MIN)
    })
    .await
}

fn main() {}
