// A variable that is called `dyn`, and a comparison behind it that begins a path.

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

macro_rules! wait {
    () => {
        remote().await.len()
    };
}

macro_rules! handler_of {
    ($name:ident) => {
        #[handler]
        async fn call_tool(db: &mut Session<Sqlite>) -> Result<bool, Error> {
            db.lease(async |conn| {
                sqlx::query("DELETE FROM calls").execute(conn).await?;
                let $name = 1_usize;
                Ok($name < (wait!()) && 1_usize > ::std::primitive::usize::MIN)
            })
            .await
        }
    };
}

shortlease_edition_2015::with_dyn!(handler_of);

fn main() {}
