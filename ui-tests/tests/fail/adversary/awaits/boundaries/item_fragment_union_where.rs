// A union with conditions from a macro, left out before a macro that gives a place.

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

macro_rules! wait {
    () => {
        *{
            println!("{}", remote().await);
            Box::leak(Box::new(1))
        }
    };
}

macro_rules! handler_of {
    ($item:item) => {
        #[handler]
        async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
            db.lease(async |conn| {
                sqlx::query("DELETE FROM calls").execute(conn).await?;
                #[cfg(any())]
                $item
                *&mut wait!() = 2;
                Ok(())
            })
            .await
        }
    };
}

handler_of!(
    union Number
    where
        u8: Copy,
    {
        signed: u8,
    }
);

fn main() {}
