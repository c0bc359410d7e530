#![deny(unused_must_use)]

use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn count(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| Ok(sqlx::query("DELETE FROM tools").execute(conn).await?.rows_affected())).await;
    Ok(())
}

fn main() {}
