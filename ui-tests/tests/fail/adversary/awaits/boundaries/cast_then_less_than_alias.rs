// As `cast_then_less_than.rs`, to an alias.

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
#[rustfmt::skip]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<bool, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        let f: fn(u8) -> Vec<u8> = |_| Vec::new();
        type Id<T> = T;
        let v = 3_usize;
        Ok(v as fn_type::Out<u8> < (remote().await.len()) || v > ::core::primitive::usize::MIN && f(1).is_empty())
    })
    .await
}
mod fn_type { pub type Out<T> = <T as Of>::N; pub trait Of { type N; } impl Of for u8 { type N = usize; } }
fn main() {}
