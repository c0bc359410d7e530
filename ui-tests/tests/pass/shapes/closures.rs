//! Bodies that capture by reference and by move, and closures and async blocks inside of them.
#![deny(warnings)]

use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn by_reference(
    db: &mut Session<Sqlite>,
    url: &str,
    seen: &mut Vec<i64>,
) -> Result<(), Error> {
    db.lease(async |conn| {
        let ids = sqlx::query_scalar::<_, i64>("SELECT id FROM tools WHERE url = $1").bind(url);
        seen.extend(ids.fetch_all(conn).await?);
        Ok(())
    })
    .await
}

/// Declares a name.
macro_rules! twice {
    ($number:ident) => {
        let $number = 2 * $number;
    };
}

/// The block of a closure is a block whatever stands before it.
#[handler]
async fn with_their_types(db: &mut Session<Sqlite>) -> Result<Vec<i64>, Error> {
    db.lease(async |conn| {
        let doubled = |number: i64| -> i64 {
            twice!(number);
            number
        };
        let each = |number: i64| -> Box<dyn Fn() -> [i64; 2] + Send> {
            twice!(number);
            Box::new(move || -> [i64; 2] { [number; 2] })
        };
        #[rustfmt::skip]
        let mut all: Vec<i64>= vec![doubled(1)];
        all.extend(each(2)());
        all.push(sqlx::query_scalar("SELECT 5").fetch_one(conn).await?);
        Ok(all)
    })
    .await
}

#[handler]
async fn by_move(db: &mut Session<Sqlite>, url: String) -> Result<usize, Error> {
    db.lease(async move |conn| {
        let length = |text: &str| text.len();
        let same =
            async { sqlx::query_scalar::<_, String>("SELECT $1").bind(&url).fetch_one(conn).await };
        let same = same.await?;
        drop(url);
        Ok(length(&same))
    })
    .await
}

#[handler]
async fn closure_of_blocks(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    db.transaction(async |tx| {
        let add = async |_: ()| 1;
        let twice = |n: i64| async move { Ok::<_, Error>(n * 2) };
        let n = sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(tx).await?;
        let _ = add;
        twice(n).await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn runs() {
    let db = shortlease_ui_tests::db().await;
    let mut seen = vec![0];
    by_reference(&mut db.session(), "http://two", &mut seen).await.unwrap();
    assert_eq!(seen, [0, 2]);
    assert_eq!(with_their_types(&mut db.session()).await.unwrap(), [2, 4, 4, 5]);
    assert_eq!(by_move(&mut db.session(), "http://one".into()).await.unwrap(), 10);
    assert_eq!(closure_of_blocks(&mut db.session()).await.unwrap(), 4);
}
