//! Adapters whose closures return futures: those that are ready, and blocks that await nothing else.
#![deny(warnings)]

use std::future::ready;
use std::pin::pin;

use futures::future::OptionFuture;
use futures::stream::iter;
use futures::{StreamExt, TryStreamExt};
use shortlease::{Conn, Error, Rows, Session, Sqlite, Statement, handler};

fn ids(conn: &mut Conn<Sqlite>) -> Rows<'_, i64> {
    Statement::fetch(sqlx::query_scalar("SELECT id FROM tools ORDER BY id"), conn)
}

#[handler]
async fn rows(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        let odd = ids(conn).try_filter(|id| ready(id % 2 == 1)).try_collect::<Vec<_>>().await?;
        assert_eq!(odd, [1]);
        let named = ids(conn).try_filter_map(|id| async move { Ok((id > 1).then_some(id * 10)) });
        assert_eq!(pin!(named).try_next().await?, Some(20));
        let doubled =
            ids(conn).and_then(|id| ready(Ok(2 * id))).inspect_err(|error| panic!("{error}"));
        assert_eq!(doubled.try_fold(0, |sum, id| ready(Ok(sum + id))).await?, 6);
        let first = ids(conn).try_take_while(|id| ready(Ok(*id < 2))).map_ok(|id| vec![id]);
        assert_eq!(first.try_concat().await?, [1]);
        let rest = ids(conn).try_skip_while(|id| ready(Ok(*id < 2))).err_into::<Error>();
        let all = rest.try_all(|id| ready(id == 2)).await?;
        let any = ids(conn).try_any(|id| async move { id == 2 }).await?;
        assert!(all && any);
        let mut seen = 0;
        ids(conn).try_for_each(|id| ready(Ok(seen += id))).await?;
        assert_eq!(seen, 3);
        Ok(())
    })
    .await
}

#[handler]
async fn items(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        let known = ids(conn).filter(|id| ready(id.is_ok())).filter_map(|id| ready(id.ok()));
        assert_eq!(known.fold(0, |sum, id| async move { sum + id }).await, 3);
        let from = ids(conn).skip_while(|id| ready(matches!(id, Ok(1))));
        assert_eq!(from.count().await, 1);
        let until = ids(conn).take_while(|id| ready(matches!(id, Ok(1)))).map(|id| vec![id]);
        assert_eq!(until.concat().await.len(), 1);
        let all = ids(conn).or_else(|error| ready(Err(error))).all(|id| ready(id.is_ok())).await;
        let any = ids(conn).any(|id| ready(id.is_err())).await;
        assert!(all && !any);
        ids(conn).for_each(|id| ready(drop(id))).await;
        assert_eq!(pin!(ids(conn).try_chunks(2)).try_next().await.unwrap(), Some(vec![1, 2]));
        let parts: Vec<usize> = ids(conn).ready_chunks(9).map(|part| part.len()).collect().await;
        assert_eq!(parts.iter().sum::<usize>(), 2);
        let numbered = ids(conn).peekable().scan(0, |sum, id| {
            *sum += id.unwrap_or(0);
            ready(Some(*sum))
        });
        assert_eq!(numbered.collect::<Vec<_>>().await, [1, 3]);
        {
            let mut numbered = pin!(ids(conn).zip(iter(1..)).peekable());
            let first = numbered.as_mut().peek().await.map(|(_, nth)| *nth);
            let same = numbered.as_mut().next_if(|(id, nth)| matches!(id, Ok(id) if id == nth));
            assert_eq!((first, same.await.is_some()), (Some(1), true));
        }
        let given = OptionFuture::from(Some(ids(&mut *conn).count())).await;
        assert_eq!(given, Some(2));
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn runs() {
    let db = shortlease_ui_tests::db().await;
    rows(&mut db.session()).await.unwrap();
    items(&mut db.session()).await.unwrap();
}
