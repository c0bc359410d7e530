//! The attributes on an `impl` and on a module, under a path of one's own, with docs and lints kept.
#![deny(warnings, missing_docs)]

mod vendored {
    pub use shortlease::*;
}

/// Tools.
#[shortlease::handler]
#[shortlease::leased]
pub mod tools {
    use shortlease::{Conn, Error, Session, Sqlite};

    /// The number of tools.
    pub async fn number(db: &mut Session<Sqlite>) -> Result<i64, Error> {
        db.lease(async |conn| Ok(count(conn).await?)).await
    }

    /// Counts.
    pub async fn count(conn: &mut Conn<Sqlite>) -> sqlx::Result<i64> {
        sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(conn).await
    }
}

/// A server.
pub struct Server {
    db: vendored::Db<vendored::Sqlite>,
}

#[vendored::handler(crate = crate::shapes::placed::vendored)]
impl Server {
    /// What it counts.
    pub const OF: &str = "tools";

    /// The number of tools.
    #[allow(non_snake_case)]
    pub async fn Number(&self) -> Result<i64, vendored::Error> {
        self.db
            .session()
            .lease(async |conn| {
                #[cfg(any())]
                compile_error!("left out");
                #[allow(unused_variables)]
                let unused = 1;
                #[cfg(not(any()))]
                let count =
                    sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(conn).await?;
                Ok(count)
            })
            .await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn runs() {
    let server = Server { db: shortlease_ui_tests::db().await };
    assert_eq!(server.Number().await.unwrap(), 2);
    assert_eq!(tools::number(&mut server.db.session()).await.unwrap(), 2);
    assert_eq!(Server::OF, "tools");
}
