// A union from a macro that is left out, before a macro that gives a place.

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::{remote, wait_for};

macro_rules! handler_of {
    ($item:item) => {
        #[handler]
        async fn call_tool(db: &mut Session<Sqlite>) -> Result<usize, Error> {
            db.lease(async |conn| {
                sqlx::query("DELETE FROM calls").execute(conn).await?;
                #[cfg(any())]
                $item
                let length = wait_for!(remote()).len();
                Ok(length)
            })
            .await
        }
    };
}

handler_of!(
    union Number {
        signed: i8,
        unsigned: u8,
    }
);

fn main() {}
