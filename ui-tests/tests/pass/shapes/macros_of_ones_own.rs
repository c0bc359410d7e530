//! Macros of one's own by known names, and macros whose value borrows.
#![deny(warnings)]

use shortlease::{Conn, Error, Session, Sqlite, handler, leased};

#[derive(Debug)]
struct Refused(String);

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Refused(error.to_string())
    }
}

impl From<sqlx::Error> for Refused {
    fn from(error: sqlx::Error) -> Self {
        Refused(error.to_string())
    }
}

impl From<&str> for Refused {
    fn from(text: &str) -> Self {
        Refused(text.into())
    }
}

macro_rules! bail {
    ($text:expr) => {
        return Err($text.into())
    };
}

macro_rules! ensure {
    ($holds:expr, $text:expr) => {
        if !$holds {
            bail!($text)
        }
    };
}

#[handler]
async fn checked(db: &mut Session<Sqlite>, id: i64) -> Result<i64, Refused> {
    db.lease(async |conn| {
        ensure!(id > 0, "no id");
        if id > 100 {
            bail!("too large");
        }
        let half = match id {
            1 => bail!("no half"),
            other => other / 2,
        };
        let id: i64 = sqlx::query_scalar("SELECT $1").bind(half).fetch_one(conn).await?;
        Ok(id)
    })
    .await
}

/// Of another type than `Result`.
#[leased]
async fn known(conn: &mut Conn<Sqlite>, id: i64) -> Option<String> {
    macro_rules! bail {
        () => {
            return None
        };
    }
    if id < 0 {
        bail!();
    }
    let small = |id: i64| -> Option<i64> {
        if id > 9 {
            bail!();
        }
        Some(id)
    };
    let id = small(id)?;
    sqlx::query_scalar("SELECT url FROM tools WHERE id = $1").bind(id).fetch_one(conn).await.ok()
}

/// Of a type that no closure could name.
#[leased]
async fn digits(conn: &mut Conn<Sqlite>, id: i64) -> Result<impl Iterator<Item = char>, Refused> {
    ensure!(id > 0, "no id");
    if id > 100 {
        bail!("too large");
    }
    let text: String = sqlx::query_scalar("SELECT $1").bind(id.to_string()).fetch_one(conn).await?;
    Ok(text.chars().collect::<Vec<_>>().into_iter())
}

#[handler]
async fn number_of_digits(db: &mut Session<Sqlite>, id: i64) -> Result<usize, Refused> {
    db.lease(async |conn| Ok(digits(conn, id).await?.count())).await
}

/// Gives a database call that borrows the connection.
macro_rules! url_of {
    ($conn:ident, $id:expr) => {
        known(&mut *$conn, $id)
    };
}

/// Statements, one after the other.
macro_rules! incremented {
    ($($number:ident)*) => {
        $($number += 1;)*
    };
}

#[handler]
async fn borrowed(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        let (mut one, mut two) = (1, 2);
        incremented! { one two }
        for number in vec![&mut one, &mut two] {
            *dbg!(&mut *number) += 1;
        }
        let url = url_of!(conn, 1).await.unwrap_or_default();
        Ok(format!("{one} {two} {url} {:?}", known(conn, -1).await))
    })
    .await
}

/// Gives a value that is coerced to what is expected of it.
macro_rules! some_box {
    ($value:expr) => {
        Some(Box::new($value))
    };
}

macro_rules! boxed_number {
    ($number:literal) => {
        Box::new($number)
    };
}

fn text_of(shown: Option<Box<dyn std::fmt::Display + Send>>, number: &i64) -> String {
    shown.map(|shown| format!("{shown} {number}")).unwrap_or_default()
}

#[handler]
async fn coerced(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        let url = known(conn, 1).await.unwrap_or_default();
        let url: Option<Box<dyn std::fmt::Display + Send>> = some_box!(url);
        Ok(text_of(url, &boxed_number!(1)) + &text_of(some_box!(2), &boxed_number!(3)))
    })
    .await
}

/// In braces and yet one expression, which begins with a block.
macro_rules! three_more {
    ($of_two:expr) => {
        if $of_two { 2 } else { 1 } + 3
    };
}

#[handler]
async fn in_braces(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    db.lease(async |conn| {
        let known = known(conn, 1).await.is_some();
        let more = three_more! { known };
        Ok(more)
    })
    .await
}

/// Moves its argument, and goes on with the loop around it.
macro_rules! skip_unless {
    ($holds:expr, $item:expr, $to:expr) => {
        if !$holds {
            $to.push($item);
            continue;
        }
    };
}

/// Gives a variable that is declared its only value.
macro_rules! choose {
    ($name:ident = $holds:expr; $one:expr, $other:expr) => {
        if $holds {
            $name = $one
        } else {
            $name = $other
        }
    };
}

#[handler]
async fn moved(db: &mut Session<Sqlite>, items: Vec<String>) -> Result<Vec<String>, Error> {
    db.lease(async |conn| {
        let mut skipped = Vec::new();
        for item in items {
            skip_unless!(item.len() > 3, item, skipped);
            let text;
            choose!(text = item.starts_with('a'); "SELECT $1 || 'a'", "SELECT $1");
            skipped.push(sqlx::query_scalar(text).bind(item).fetch_one(&mut *conn).await?);
        }
        Ok(skipped)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn runs() {
    let db = shortlease_ui_tests::db().await;
    let mut session = db.session();
    assert_eq!(checked(&mut session, 10).await.unwrap(), 5);
    for (id, text) in [(0, "no id"), (1, "no half"), (101, "too large")] {
        assert_eq!(checked(&mut session, id).await.unwrap_err().0, text);
    }
    assert_eq!(number_of_digits(&mut session, 42).await.unwrap(), 2);
    assert_eq!(number_of_digits(&mut session, 101).await.unwrap_err().0, "too large");
    assert_eq!(in_braces(&mut session).await.unwrap(), 5);
    let items = ["abcd", "one", "four"].map(str::to_owned).to_vec();
    assert_eq!(moved(&mut session, items).await.unwrap(), ["abcda", "one", "four"]);
    assert_eq!(coerced(&mut session).await.unwrap(), "http://one 12 3");
    assert_eq!(borrowed(&mut session).await.unwrap(), "3 4 http://one None");
}
