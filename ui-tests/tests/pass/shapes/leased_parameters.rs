//! What a leased function is given lives as long as in an `async fn`, whatever its pattern takes of it.
#![deny(warnings)]

use std::cell::RefCell;

use shortlease::{Conn, Error, Session, Sqlite, handler, leased};

thread_local! {
    static SEEN: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
}

fn see(what: &'static str) {
    SEEN.with_borrow_mut(|seen| seen.push(what));
}

struct Guard(&'static str);

impl Drop for Guard {
    fn drop(&mut self) {
        see(self.0);
    }
}

struct Pair(Guard, Guard);

struct Owner(Guard);

impl Owner {
    #[leased]
    async fn ask(
        self,
        conn: &mut Conn<Sqlite>,
        _: Guard,
        Pair(first, _): Pair,
        _unused: Guard,
        ref number: u8,
    ) -> Result<u8, sqlx::Error> {
        see("body");
        sqlx::query("SELECT 1").execute(conn).await?;
        let _ = &first;
        see("end");
        Ok(*number)
    }

    async fn asked(self, _: Guard, Pair(first, _): Pair, _unused: Guard, ref number: u8) -> u8 {
        see("body");
        let _ = &first;
        see("end");
        *number
    }
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<u8, Error> {
    db.lease(async |conn| {
        let pair = Pair(Guard("first"), Guard("second"));
        let call = Owner(Guard("self")).ask(conn, Guard("wild"), pair, Guard("unused"), 5);
        see("made");
        call.await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn runs() {
    let db = shortlease_ui_tests::db().await;
    assert_eq!(call_tool(&mut db.session()).await.unwrap(), 5);
    let leased = SEEN.take();
    let pair = Pair(Guard("first"), Guard("second"));
    let call = Owner(Guard("self")).asked(Guard("wild"), pair, Guard("unused"), 5);
    see("made");
    assert_eq!(call.await, 5);
    assert_eq!(leased, SEEN.take());
}
