// A structure that is called `async`, given to something like a spawn.

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

macro_rules! handler_of {
    ($name:ident) => {
        #[allow(non_camel_case_types)]
        struct $name {
            length: usize,
        }

        fn spawn(future: $name) -> usize {
            future.length
        }

        #[handler]
        async fn call_tool(db: &mut Session<Sqlite>) -> Result<usize, Error> {
            db.lease(async |conn| {
                sqlx::query("DELETE FROM calls").execute(conn).await?;
                Ok(spawn($name { length: remote().await.len() }))
            })
            .await
        }
    };
}

shortlease_edition_2015::with_async!(handler_of);

fn main() {}
