// A loop that is left out, with its label from a macro.

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::{remote, wait_for};

macro_rules! handler_of {
    ($label:lifetime) => {
        #[handler]
        async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
            db.lease(async |conn| {
                sqlx::query("DELETE FROM calls").execute(conn).await?;
                #[cfg(any())]
                $label: loop {
                    break $label;
                }
                &mut wait_for!(remote()).len();
                Ok(())
            })
            .await
        }
    };
}

handler_of!('wait);

fn main() {}
