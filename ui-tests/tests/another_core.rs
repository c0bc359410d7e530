//! What an expansion names as `::core` is this crate: none of its macros may be run in a lease.
#![deny(warnings)]
#![allow(clippy::all, missing_docs)]

extern crate self as core;

pub use std::{convert, future, mem, option, result};

pub mod pin {
    #[allow(unused_macros)]
    macro_rules! hijacked {
        ($value:expr) => {{
            crate::remote().await;
            std::pin::pin!($value)
        }};
    }
    #[allow(unused_imports)]
    pub(crate) use hijacked as pin;
}

#[allow(unused_macros)]
macro_rules! hijacked {
    () => {{
        crate::remote().await;
        return Ok(0);
    }};
}
#[allow(unused_imports)]
pub(crate) use hijacked as unreachable;

use shortlease::{Error, Session, Sqlite, handler};

#[allow(dead_code)]
async fn remote() {
    panic!("a remote call with a lease open");
}

#[handler]
async fn pinned(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    db.lease(async |conn| {
        let one = std::pin::pin!(1_i64);
        let two: i64 = sqlx::query_scalar("SELECT 2").fetch_one(conn).await?;
        if two > 2 {
            std::unreachable!();
        }
        Ok(*one + two)
    })
    .await
}

#[test]
fn runs() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let count = runtime.block_on(async {
        let db = shortlease_ui_tests::db().await;
        pinned(&mut db.session()).await
    });
    assert_eq!(count.unwrap(), 3);
}
