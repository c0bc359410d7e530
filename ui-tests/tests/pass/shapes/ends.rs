//! The ends of bodies, and what follows a lease, that keep an error as it is.

use std::sync::atomic::{AtomicUsize, Ordering};

use shortlease::{Conn, Db, Session, Sqlite, handler, leased};

#[derive(Debug)]
enum AppError {
    NotFound,
    Database(shortlease::Error),
    Sql(sqlx::Error),
}

impl From<shortlease::Error> for AppError {
    fn from(error: shortlease::Error) -> Self {
        AppError::Database(error)
    }
}

impl From<sqlx::Error> for AppError {
    fn from(error: sqlx::Error) -> Self {
        AppError::Sql(error)
    }
}

#[leased]
async fn one(conn: &mut Conn<Sqlite>) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT 1").fetch_one(conn).await
}

#[leased]
async fn of<T: Default + Send>(conn: &mut Conn<Sqlite>) -> Result<(i64, T), sqlx::Error> {
    Ok((one(conn).await?, T::default()))
}

#[handler]
async fn mapped(db: &mut Session<Sqlite>) -> Result<String, AppError> {
    db.lease(async |conn| one(conn).await.map(|one| one.to_string())).await
}

#[handler]
async fn returned(db: &mut Session<Sqlite>, early: bool) -> Result<Option<i64>, AppError> {
    db.lease(async |conn| {
        if early {
            return one(&mut *conn).await.map(Some);
        }
        sqlx::query_scalar("SELECT 2").fetch_optional(conn).await.inspect(|_| ())
    })
    .await
}

static FAILURES: AtomicUsize = AtomicUsize::new(0);

// What is inspected in the body is the error of the call.
#[handler]
async fn inspected(db: &mut Session<Sqlite>) -> Result<i64, AppError> {
    db.lease(async |conn| {
        sqlx::query_scalar("SELECT 1 WHERE FALSE").fetch_one(conn).await.inspect_err(|error| {
            FAILURES.fetch_add(usize::from(matches!(error, sqlx::Error::RowNotFound)), Ordering::Relaxed);
        })
    })
    .await
}

// What is inspected behind the lease is the error of the function.
#[handler]
async fn not_found(db: &mut Session<Sqlite>) -> Result<i64, AppError> {
    db.lease(async |conn| {
        let one = one(conn).await?;
        if one == 1 {
            return Err(AppError::NotFound);
        }
        Ok(one)
    })
    .await
    .inspect_err(|error| {
        FAILURES.fetch_add(usize::from(matches!(error, AppError::NotFound)), Ordering::Relaxed);
    })
}

// A closure that says what it returns.
#[handler]
async fn in_closure(db: &mut Session<Sqlite>) -> Result<i64, std::fmt::Error> {
    let mut run = async || -> Result<i64, AppError> {
        let one = db
            .lease(async |conn| if one(conn).await? == 2 { Err(AppError::NotFound) } else { Ok(1) })
            .await?;
        Ok(one)
    };
    run().await.map_err(|_| std::fmt::Error)
}

// At its end, and returned.
#[handler]
async fn at_the_end_of_a_closure(db: &mut Session<Sqlite>) -> Result<i64, std::fmt::Error> {
    let mut run = async |early: bool| -> Result<i64, AppError> {
        if early {
            return db.lease(async |_| Err::<i64, _>(AppError::NotFound)).await;
        }
        db.lease(async |conn| one(conn).await).await
    };
    assert!(matches!(run(true).await, Err(AppError::NotFound)));
    run(false).await.map_err(|_| std::fmt::Error)
}

fn depth(_: &mut Conn<Sqlite>) -> Result<i64, AppError> {
    Ok(4)
}

// A call that is given the connection and awaits nothing.
#[handler]
async fn not_async(db: &mut Session<Sqlite>) -> Result<i64, AppError> {
    db.lease(async |conn| depth(conn)).await
}

// By the name of a function.
#[handler]
async fn named(db: &Db<Sqlite>) -> Result<i64, AppError> {
    let mut session = db.session();
    let (one_more, text) = session.lease(of::<String>).await?;
    Ok(session.snapshot(one).await? + one_more + text.len() as i64)
}

// Beside other futures, each in a block of its own.
#[handler]
async fn joined(db: &Db<Sqlite>) -> Result<i64, AppError> {
    let (mut first, mut other) = (db.session(), db.session());
    let (first, other) = tokio::try_join!(
        async { first.lease(async |conn| one(conn).await).await },
        async { other.lease(async |conn| one(conn).await).await },
    )?;
    let mut third = db.session();
    let third = tokio::select! {
        () = std::future::pending() => 0,
        found = async { third.lease(async |conn| one(conn).await).await } => found?,
    };
    Ok(first + other + third)
}

// A path and a `>` behind a lease, which another argument is.
#[handler]
async fn compared(db: &mut Session<Sqlite>, limit: i64) -> Result<bool, AppError> {
    let both = (db.lease(async |conn| one(conn).await).await, i64::MAX > limit);
    Ok(matches!(both, (Ok(1), true)))
}

/// As migrating code may have it.
type DbConnection = Conn<Sqlite>;

#[handler]
async fn by_alias(db: &mut Session<Sqlite>) -> Result<i64, AppError> {
    db.lease(async |conn: &mut DbConnection| one(conn).await).await
}

#[tokio::test]
async fn run() {
    let db = Db::<Sqlite>::connect("sqlite::memory:").await.unwrap();
    assert_eq!(mapped(&mut db.session()).await.unwrap(), "1");
    assert_eq!(returned(&mut db.session(), true).await.unwrap(), Some(1));
    assert_eq!(returned(&mut db.session(), false).await.unwrap(), Some(2));
    let missing = inspected(&mut db.session()).await.unwrap_err();
    assert!(matches!(missing, AppError::Sql(sqlx::Error::RowNotFound)), "{missing:?}");
    assert!(matches!(not_found(&mut db.session()).await, Err(AppError::NotFound)));
    assert_eq!(FAILURES.load(Ordering::Relaxed), 2);
    assert_eq!(in_closure(&mut db.session()).await.unwrap(), 1);
    assert_eq!(at_the_end_of_a_closure(&mut db.session()).await.unwrap(), 1);
    assert_eq!(not_async(&mut db.session()).await.unwrap(), 4);
    assert_eq!(named(&db).await.unwrap(), 2);
    assert_eq!(joined(&db).await.unwrap(), 3);
    assert_eq!(by_alias(&mut db.session()).await.unwrap(), 1);
    assert!(compared(&mut db.session(), 1).await.unwrap());
}
