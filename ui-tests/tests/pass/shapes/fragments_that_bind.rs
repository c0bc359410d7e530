//! Fragments and macro calls whose operators bind, and whose places are written to, as they do without the attribute.
#![deny(warnings)]

use std::ops::{Deref, DerefMut};

use shortlease::{Conn, Error, Session, Sqlite, handler};

const BYTE: u8 = 1;

macro_rules! handler_of {
    ($name:ident, $mask:expr, $sum:expr) => {
        #[handler]
        async fn $name(db: &mut Session<Sqlite>) -> Result<(u64, u64, bool), Error> {
            db.lease(async |conn| {
                let limit: i64 = sqlx::query_scalar("SELECT 2").fetch_one(conn).await?;
                Ok((!$mask, $sum * 3, $mask < limit as u64))
            })
            .await
        }
    };
}

handler_of!(of_casts, BYTE as u64, const { 1 } + 2);

/// A limit, in a field and in a method of one name.
struct Limits {
    limit: fn(i64) -> i64,
}

impl Limits {
    fn limit(&self, n: i64) -> i64 {
        n + 1000
    }
}

/// Written like the constant, it begins anew with each loop.
struct Three {}

impl Iterator for Three {
    type Item = i64;
    fn next(&mut self) -> Option<i64> {
        None
    }
}

#[allow(non_upper_case_globals, dead_code)]
const Three: [i64; 2] = [1, 2];

macro_rules! flattened {
    ($name:ident, $limits:ident, $call:expr, $sum:expr, $none:expr, $from:literal) => {
        #[handler]
        async fn $name(
            db: &mut Session<Sqlite>,
            $limits: &Limits,
        ) -> Result<(i64, i64, usize, i64), Error> {
            static OUTSIDE: i64 = $sum * 3;
            db.lease(async |conn| {
                const INSIDE: i64 = $sum * 3;
                let one: i64 = sqlx::query_scalar("SELECT 1").fetch_one(&mut *conn).await?;
                let two = sqlx::query_scalar::<_, i64>("SELECT 2");
                let many = [two.fetch_one(conn).await?; $sum * 3].len();
                let mut rounds = 0;
                for _ in $none {
                    rounds += 1;
                }
                rounds += match one {
                    $from..=5 => 10,
                    _ => 0,
                };
                Ok((INSIDE + OUTSIDE, $call(one), many, rounds))
            })
            .await
        }
    };
}

flattened!(of_flattened, limits, limits.limit, 1 + 2, Three {}, -1);

/// A number that can be copied, and is written to through a reference.
#[derive(Clone, Copy)]
struct Counter(i64);

impl Deref for Counter {
    type Target = i64;
    fn deref(&self) -> &i64 {
        &self.0
    }
}

impl DerefMut for Counter {
    fn deref_mut(&mut self) -> &mut i64 {
        &mut self.0
    }
}

macro_rules! place {
    ($of:ident) => {
        $of
    };
}

macro_rules! stop {
    ($with:expr) => {
        break $with
    };
}

#[handler]
#[rustfmt::skip]
async fn of_places(db: &mut Session<Sqlite>) -> Result<(i64, i64, i64, i64), Error> {
    db.lease(async |conn:&mut Conn<Sqlite>| {
        let mut pair = (1, 2);
        let (ref mut first, _) = place!(pair);
        *first = 5;
        let mut counter = Counter(0);
        let inner: &mut i64 = &mut *place!(counter);
        *inner += 1;
        let mut negative = 0;
        assert_eq!(negative, 0);
        place!(negative)=-1;
        place!(negative)*=-2;
        let text=&format!("{negative}");
        let counting = Some(sqlx::query_scalar::<_, i64>("SELECT 1")).unwrap();
        let one = counting.fetch_one(conn).await?;
        let found = loop {
            stop!(one + text.parse::<i64>().unwrap_or(0));
        };
        Ok((pair.0, *counter, negative, found))
    })
    .await
}

/// Attributes of tools where no item is.
#[handler]
async fn of_tools(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    db.lease(async |conn| {
        let count: i64 = sqlx::query_scalar("SELECT 1").fetch_one(conn).await?;
        #[rustfmt::skip]
        #[allow(clippy::identity_op)]
        let table = [1 + 0, 2 + 0];
        Ok(match count {
            #[rustfmt::skip]
            0 => table [0],
            _ => table[1],
        })
    })
    .await
}

/// Items whose names begin statements elsewhere.
#[handler]
async fn beside_items(db: &mut Session<Sqlite>) -> Result<(usize, i64), Error> {
    db.lease(async |conn| {
        #[allow(dead_code)]
        union Number {
            signed: i8,
            unsigned: u8,
        }
        let union = 3;
        let size = [0_u8; 3];
        let held = place!(size).len() + size_of::<Number>();
        let count: i64 = sqlx::query_scalar("SELECT 1").fetch_one(conn).await?;
        Ok((held, union as i64 + count))
    })
    .await
}

#[tokio::test]
async fn runs() {
    let db = shortlease_ui_tests::db().await;
    let mut session = db.session();
    assert_eq!(of_casts(&mut session).await.unwrap(), (!1, 9, true));
    assert_eq!(of_places(&mut session).await.unwrap(), (5, 1, 2, 3));
    let limits = Limits { limit: |n| n };
    assert_eq!(limits.limit(1), 1001);
    assert_eq!(of_flattened(&mut session, &limits).await.unwrap(), (18, 1, 9, 10));
    assert_eq!(of_tools(&mut session).await.unwrap(), 2);
    assert_eq!(beside_items(&mut session).await.unwrap(), (4, 4));
}
