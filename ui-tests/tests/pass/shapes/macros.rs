//! Macros inside of leases: of std, serde_json, tracing and anyhow, and one that is trusted.
#![deny(warnings)]

use std::cell::Cell;
use std::fmt::Arguments;

use anyhow::{Context, bail, ensure};
use serde_json::{Value, json};
use shortlease::{Session, Sqlite, handler};
use tracing::{debug, info};

macro_rules! url_of {
    ($conn:expr, $id:expr) => {
        sqlx::query_scalar::<_, String>("SELECT url FROM tools WHERE id = $1")
            .bind($id)
            .fetch_one($conn)
            .await
    };
}

macro_rules! longest {
    ($($text:expr),*) => {
        [$($text),*].into_iter().map(str::len).max().unwrap_or(0)
    };
}

#[handler(trust(url_of))]
async fn describe(db: &mut Session<Sqlite>, id: i64) -> anyhow::Result<Value> {
    db.lease(async |conn| {
        let uses: i64 = sqlx::query_scalar("SELECT uses FROM tools WHERE id = $1")
            .bind(id)
            .fetch_one(&mut *conn)
            .await
            .with_context(|| format!("tool {id}"))?;
        ensure!(uses >= 0, "{uses} uses of {id}");
        if id > 100 {
            bail!("{id} is too large");
        }
        let Some(half) = id.checked_div(2) else { bail!("no half of {id}") };
        let next = match half {
            i64::MAX => bail!("none after {half}"),
            number => number + 1,
        };
        ensure!(next > half);
        println!("{id}: {}", sqlx::query_scalar::<_, i64>("SELECT 1").fetch_one(&mut *conn).await?);
        info!(id, %uses, "asked");
        debug!(uses = ?Some(uses), "{}", longest!("a", "bc"));
        assert!(longest!("a", "bc") == 2, "the longest of {}", 2);
        assert_eq!(format!("{id}"), id.to_string());
        let all = vec![uses; 2];
        let none = {
            let all = all.as_slice();
            matches!(all, [0, ..]) && all.len() == 2
        };
        let id_again = |text: &str| {
            let text = text.trim();
            format!("{text}") + text
        };
        assert_eq!(id_again(" 2 "), "22");
        let url = url_of!(conn, id)?;
        Ok(json!({ "id": id, "none": none, "url": url, "uses": [uses, all.len()] }))
    })
    .await
}

fn lines(of: Arguments<'_>) -> usize {
    of.to_string().lines().count()
}

/// What borrows from its own arguments, and what declares.
#[handler]
async fn borrowed(db: &mut Session<Sqlite>) -> anyhow::Result<(usize, String)> {
    db.lease(async |conn| {
        thread_local! {
            static ASKED: Cell<i64> = const { Cell::new(0) };
        }
        thread_local!(static ANSWERED: Cell<i64> = const { Cell::new(1) });
        let name = String::from("tools");
        let count = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM tools");
        let asked = lines(format_args!(
            "{name}\n{:>2}\n{last}",
            count.fetch_one(&mut *conn).await?,
            last = longest!("a", "bc"),
        ));
        let of_std = lines(std::format_args!("{}", format_args!("{asked}\n")));
        let kept = format_args!("{asked} {of_std}");
        ASKED.set(sqlx::query_scalar("SELECT max(id) FROM tools").fetch_one(conn).await?);
        Ok((asked, format!("{kept} {} {}", ASKED.get(), ANSWERED.get())))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn runs() {
    let db = shortlease_ui_tests::db().await;
    assert_eq!(borrowed(&mut db.session()).await.unwrap(), (3, "3 1 2 1".into()));
    let described = describe(&mut db.session(), 2).await.unwrap();
    assert_eq!(described, json!({ "id": 2, "none": true, "url": "http://two", "uses": [0, 2] }));
    assert!(describe(&mut db.session(), 9).await.is_err());
}
