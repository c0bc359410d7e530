//! When temporaries are dropped that a block ends in: by the rules of the edition that the code is written in.

extern crate lease as shortlease;

use std::sync::Mutex;

use shortlease::{Conn, Db, Error, Session, Sqlite, Tx, handler, leased};

/// Notes when it is dropped.
struct Noted<'n>(&'static str, &'n Notes);

type Notes = Mutex<Vec<&'static str>>;

impl Drop for Noted<'_> {
    fn drop(&mut self) {
        self.1.lock().unwrap().push(self.0);
    }
}

impl Noted<'_> {
    fn ok(&self) -> Result<(), Error> {
        Ok(())
    }
}

async fn plain(notes: &Notes) -> Result<(), Error> {
    let _variable = Noted("variable", notes);
    Noted("temporary", notes).ok()
}

#[handler]
async fn in_a_lease(db: &mut Session<Sqlite>, notes: &Notes) -> Result<(), Error> {
    db.lease(async |_conn| {
        let _variable = Noted("variable", notes);
        Noted("temporary", notes).ok()
    })
    .await
}

#[handler]
async fn in_a_savepoint(db: &mut Session<Sqlite>, notes: &Notes) -> Result<(), Error> {
    db.transaction(async |tx| {
        tx.savepoint(async |_savepoint| {
            let _variable = Noted("variable", notes);
            Noted("temporary", notes).ok()
        })
        .await
    })
    .await
}

#[leased]
async fn leased(_conn: &mut Conn<Sqlite>, notes: &Notes) -> Result<(), Error> {
    let _variable = Noted("variable", notes);
    Noted("temporary", notes).ok()
}

/// A parameter is dropped last, so what a body ends in may borrow from it.
#[leased]
async fn borrows(_tx: &mut Tx<Sqlite>, names: Mutex<Vec<i64>>) -> Result<usize, Error> {
    let more = 1;
    Ok(names.lock().unwrap().len() + more)
}

#[handler]
async fn calls(db: &mut Session<Sqlite>, notes: &Notes) -> Result<usize, Error> {
    db.lease(async |conn| leased(conn, notes).await).await?;
    db.transaction(async |tx| borrows(tx, Mutex::new(vec![7])).await).await
}

#[tokio::test]
async fn as_in_code_without_a_lease() {
    let db = Db::<Sqlite>::connect("sqlite::memory:").await.unwrap();
    let mut session = db.session();
    let notes = Notes::default();
    plain(&notes).await.unwrap();
    assert_eq!(std::mem::take(&mut *notes.lock().unwrap()), ["variable", "temporary"]);
    in_a_lease(&mut session, &notes).await.unwrap();
    assert_eq!(std::mem::take(&mut *notes.lock().unwrap()), ["variable", "temporary"]);
    in_a_savepoint(&mut session, &notes).await.unwrap();
    assert_eq!(std::mem::take(&mut *notes.lock().unwrap()), ["variable", "temporary"]);
    assert_eq!(calls(&mut session, &notes).await.unwrap(), 2);
    assert_eq!(*notes.lock().unwrap(), ["variable", "temporary"]);
}
