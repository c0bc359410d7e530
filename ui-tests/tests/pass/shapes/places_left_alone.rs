//! What a macro gives and nobody takes stays where it is, and what is left out does not run.
#![deny(warnings)]

use std::cell::Cell;
use std::pin::pin;

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

/// Counts how often it is dropped.
struct Noted<'n>(&'n Cell<i64>);

impl Drop for Noted<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
    }
}

macro_rules! first {
    ($pair:ident) => {
        $pair.0
    };
}

struct Both<'n> {
    noted: Noted<'n>,
    name: String,
}

#[handler]
async fn left_alone(db: &mut Session<Sqlite>) -> Result<Vec<i64>, Error> {
    let (ended, replaced) = (Cell::new(0), Cell::new(0));
    db.lease(async |conn| {
        let mut seen = Vec::new();
        let pair = (Noted(&ended), 1);
        let _ = first!(pair);
        seen.push(ended.get());
        _ = first!(pair);
        seen.push(ended.get());
        let pair = ((String::new(), Noted(&ended)), 1);
        let (_name, _) = first!(pair);
        seen.push(ended.get());
        let pair = (Both { noted: Noted(&ended), name: String::new() }, 1);
        let both = Both { noted: Noted(&replaced), ..first!(pair) };
        seen.push(ended.get());
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        drop((both.name, both.noted));
        Ok(seen)
    })
    .await
}

macro_rules! with_fragments {
    ($name:ident, $number:ident, $first:stmt, $stop:expr, $condition:meta) => {
        #[handler]
        async fn $name(db: &mut Session<Sqlite>) -> Result<(i64, bool), Error> {
            db.lease(async |conn| {
                #[allow(unused_mut)]
                let mut $number = (1, 1);
                #[cfg(any())]
                $first;
                #[$condition]
                let _length = only_elsewhere!().len();
                #[allow(unreachable_code)]
                let found = loop {
                    sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
                    let _ = $stop && false;
                };
                Ok(($number.0, found))
            })
            .await
        }
    };
}

with_fragments!(left_out, number, let number = (first!(number) + 1, 1), break true, cfg(any()));

#[allow(unused_macros)]
macro_rules! boom {
    () => {
        let _length = boom_text().len();
    };
}

#[allow(dead_code)]
fn boom_text() -> String {
    unreachable!("it is left out")
}

macro_rules! without {
    ($name:ident, $choice:stmt, $call:stmt, $item:item) => {
        #[handler]
        async fn $name(db: &mut Session<Sqlite>) -> Result<(), Error> {
            db.lease(async |conn| {
                #[cfg(any())]
                $choice
                #[cfg(any())]
                $call
                #[cfg(any())]
                $item
                sqlx::query("DELETE FROM calls").execute(conn).await?;
                Ok(())
            })
            .await
        }
    };
}

without!(without_statements, if boom_text().len() == 1 {}, boom! {}, boom! {});

type Id<T> = T;

macro_rules! mask {
    () => {
        2
    };
}

macro_rules! tools {
    () => {
        sqlx::query("SELECT id FROM tools")
    };
}

#[handler]
async fn beside_types(db: &mut Session<Sqlite>) -> Result<(usize, u8, bool), Error> {
    struct Of<const N: usize>;

    db.lease(async |conn| {
        let tool = (String::from("abc"), 1);
        if size_of::<unsafe fn()>() == 4 {}
        if size_of::<for<'a> fn(&'a u8)>() == 4 {}
        let mut length = first!(tool).len();
        {
            #![allow(unused_parens)]
            length += first!(tool).len();
        }
        #[allow(dead_code)]
        async fn wait() -> Of<{ 1 + 1 }> {
            tokio::task::yield_now().await;
            Of
        }
        let mut rows = pin!(tools!().fetch(conn));
        let some = rows.next().await.is_some();
        Ok((length, 1_u16 as Id<u8> | mask!() | 4, some && (1_u8 as Id<u8>) < 2))
    })
    .await
}

macro_rules! noted {
    ($both:ident) => {
        $both.noted
    };
}

/// One of the words that other crates call macros by.
macro_rules! span {
    ($both:ident) => {
        $both.0
    };
}

impl PartialEq<i64> for Noted<'_> {
    fn eq(&self, times: &i64) -> bool {
        self.0.get() == *times
    }
}

fn look(noted: &Noted<'_>) -> i64 {
    noted.0.get()
}

/// What is borrowed or compared stays, and what is written to is no copy.
#[handler]
async fn borrowed(db: &mut Session<Sqlite>) -> Result<(Vec<i64>, bool, (i64, i64)), Error> {
    let ended = Cell::new(0);
    db.lease(async |conn| {
        let both = Both { noted: Noted(&ended), name: String::new() };
        let mut seen = vec![look(&noted!(both))];
        seen.push(ended.get());
        let never = noted!(both) == 0;
        seen.push(ended.get());
        let mut pair = ((0, 1), 2);
        span!(pair).0 += 7;
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        seen.push(ended.get());
        Ok((seen, never, pair.0))
    })
    .await
}

macro_rules! most {
    () => {
        2
    };
}

fn note(text: &serde_json::Value) -> usize {
    text.to_string().len()
}

/// Values of well-known macros where names of the statement's own are in reach, and numbers of one's own beside operators.
#[handler]
async fn everyday(db: &mut Session<Sqlite>, found: Option<i64>) -> Result<(usize, bool), Error> {
    use serde_json::json;

    db.lease(async |conn| {
        let one: i64 = sqlx::query_scalar("SELECT 1").fetch_one(conn).await?;
        let length = match found {
            Some(n) => note(&json!({ "found": n, "one": one })),
            None if json!(null) == json!([]) => 0,
            None => note(&json!(null)),
        };
        let is_known = |text: &str| text != env!("CARGO_PKG_NAME");
        let many = match one {
            1 => one * most!() < most!(),
            n => n & most!() == most!(),
        };
        let wide = 0xFFFF_FFFF_0000_u64 == big!();
        Ok((length, is_known("another") && !many && wide))
    })
    .await
}

macro_rules! big {
    () => {
        0xFFFF_FFFF_0000
    };
}
use big;

macro_rules! open_let {
    ($name:ident, $number:ident, $outside:stmt, $inside:stmt) => {
        #[handler]
        #[allow(unused_must_use, clippy::no_effect)]
        async fn $name(db: &mut Session<Sqlite>) -> Result<(i64, i64), Error> {
            $outside
            -1_i64;
            let outside = $number;
            db.lease(async |conn| {
                $inside
                -1_i64;
                sqlx::query("DELETE FROM calls").execute(conn).await?;
                Ok((outside, $number))
            })
            .await
        }
    };
}

open_let!(of_lets, number, let number = 5_i64, let number = 7_i64);

/// Unchecked code, whose end a comma in the generics of a path does not tell.
#[handler]
async fn unchecked(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    db.lease(async |conn| {
        let one =
            conn.unchecked("a comma", async |conn| {
                sqlx::query_scalar::<_, i64>("SELECT 1").fetch_one(conn).await
            });
        let one = one.await?;
        let two = conn.unchecked("another", async |conn| sqlx::query_scalar::<_, i64>("SELECT 2").fetch_one(conn).await);
        let two = two.await?;
        let three = conn.unchecked("a choice", async |conn| match two {
            2 => sqlx::query_scalar::<_, i64>("SELECT 3").fetch_one(conn).await,
            _ => Ok(remote().await.len() as i64),
        });
        Ok(one + two + three.await?)
    })
    .await
}

#[tokio::test]
async fn runs() {
    let db = shortlease_ui_tests::db().await;
    let mut session = db.session();
    assert_eq!(left_alone(&mut session).await.unwrap(), [0, 0, 0, 0]);
    assert_eq!(left_out(&mut session).await.unwrap(), (1, true));
    without_statements(&mut session).await.unwrap();
    assert_eq!(borrowed(&mut session).await.unwrap(), (vec![0, 0, 0, 0], true, (7, 1)));
    assert_eq!(of_lets(&mut session).await.unwrap(), (5, 7));
    assert_eq!(everyday(&mut session, Some(1)).await.unwrap(), (19, true));
    assert_eq!(everyday(&mut session, None).await.unwrap(), (4, true));
    assert_eq!(unchecked(&mut session).await.unwrap(), 6);
    assert_eq!(beside_types(&mut session).await.unwrap(), (6, 7, true));
}
