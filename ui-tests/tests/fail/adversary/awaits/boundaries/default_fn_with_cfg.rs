// A function that only a parser takes, left out before a macro that gives a place.

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

#[handler]
#[rustfmt::skip]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        #[cfg(any())]
        pub default async fn left_out() {}
        *&mut wait!() = 2;
        Ok(())
    })
    .await
}

fn main() {}
