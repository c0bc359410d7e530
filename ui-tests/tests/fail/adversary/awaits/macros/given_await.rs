// The word `await`, handed to a macro.

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;
macro_rules! ask {
    ($future:expr, $word:tt) => {
        $future.$word
    };
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        Ok(ask!(remote(), await))
    })
    .await
}

fn main() {}
