// The session in a type of mine that derefs to it, beside another session.
use std::ops::{Deref, DerefMut};

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

struct Mine(Session<Sqlite>);

impl Deref for Mine {
    type Target = Session<Sqlite>;

    fn deref(&self) -> &Session<Sqlite> {
        &self.0
    }
}

impl DerefMut for Mine {
    fn deref_mut(&mut self) -> &mut Session<Sqlite> {
        &mut self.0
    }
}

#[handler]
async fn call_tool(_: &mut Session<Sqlite>, mine: &mut Mine, db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.execute(sqlx::query("DELETE FROM calls")).await?;
    mine.lease(async |_| {
        remote().await;
        Ok(())
    })
    .await
}

fn main() {}
