//! Loops, matches, `if let`, `let else`, `?`, early returns and labelled breaks.
#![deny(warnings)]

use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn count(db: &mut Session<Sqlite>, ids: &[i64]) -> Result<i64, Error> {
    db.lease(async |conn| {
        let mut found = 0;
        for id in ids {
            let url = sqlx::query_scalar::<_, String>("SELECT url FROM tools WHERE id = $1");
            let Some(url) = url.bind(id).fetch_optional(&mut *conn).await? else {
                continue;
            };
            match url.as_str() {
                "http://one" => found += 1,
                other if other.is_empty() => return Ok(-1),
                _ => found += 10,
            }
        }
        if let Ok(uses) =
            sqlx::query_scalar("SELECT uses FROM tools WHERE id = 9").fetch_one(&mut *conn).await
        {
            return Ok(uses);
        }
        let found = 'sum: {
            while found < 100 {
                let more: i64 =
                    sqlx::query_scalar("SELECT $1 + 50").bind(found).fetch_one(&mut *conn).await?;
                if more > 60 {
                    break 'sum more;
                }
                found = more;
            }
            loop {
                break 'sum sqlx::query_scalar("SELECT 0").fetch_one(conn).await?;
            }
        };
        Ok(found)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn runs() {
    let db = shortlease_ui_tests::db().await;
    assert_eq!(count(&mut db.session(), &[1, 2, 3]).await.unwrap(), 61);
}
