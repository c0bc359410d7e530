//! Return types: an error of one's own, aliases, `anyhow`, `impl Trait`, none at all.
#![deny(warnings)]

use anyhow::Context as _;
use shortlease::{Error, Session, Sqlite, handler};

#[derive(Debug)]
pub struct ToolError(pub String);
impl<E: std::error::Error> From<E> for ToolError {
    fn from(error: E) -> Self {
        ToolError(error.to_string())
    }
}
type ToolResult<T> = Result<T, ToolError>;
mod alias {
    pub type Result<T> = std::result::Result<T, super::ToolError>;
}
type Outcome = Result<i64, ToolError>;

#[handler]
async fn own(db: &mut Session<Sqlite>) -> Result<i64, ToolError> {
    db.lease(async |conn| Ok(sqlx::query_scalar("SELECT 1").fetch_one(conn).await?)).await
}

#[handler]
async fn named_alias(db: &mut Session<Sqlite>) -> ToolResult<i64> {
    db.lease(async |conn| Ok(sqlx::query_scalar("SELECT 1").fetch_one(conn).await?)).await
}

type ToolRes<T> = Result<T, ToolError>;

#[handler]
async fn short_alias(db: &mut Session<Sqlite>) -> ToolRes<i64> {
    db.lease(async |conn| sqlx::query_scalar("SELECT 1").fetch_one(conn).await).await
}

#[handler]
async fn result_alias(db: &mut Session<Sqlite>) -> alias::Result<i64> {
    db.lease(async |conn| sqlx::query_scalar("SELECT 1").fetch_one(conn).await).await
}

/// An error that no pool knows: only where the lease ends in the function's error, the body may.
#[derive(Debug)]
pub enum Mapped {
    Pool,
    Own,
}
impl From<Error> for Mapped {
    fn from(_: Error) -> Self {
        Mapped::Pool
    }
}

#[handler]
async fn mapped(db: &mut Session<Sqlite>) -> Result<Option<i64>, Mapped> {
    db.lease(async |_| Err::<i64, _>(Mapped::Own)).await.map(Some)
}

#[handler]
async fn mapped_twice(db: &mut Session<Sqlite>) -> Result<String, Mapped> {
    let text =
        db.lease(async |_| Err::<i64, _>(Mapped::Own)).await.inspect(|_| ()).map(|n| format!("{n:?}"))?;
    Ok(text)
}

#[handler(error = ToolError)]
async fn given(db: &mut Session<Sqlite>) -> Outcome {
    db.lease(async |conn| Ok(sqlx::query_scalar("SELECT 1").fetch_one(conn).await?)).await
}

#[handler]
async fn anyhow(db: &mut Session<Sqlite>) -> anyhow::Result<i64> {
    let one =
        db.lease(async |conn| Ok(sqlx::query_scalar("SELECT 1").fetch_one(conn).await?)).await?;
    anyhow::ensure!(one == 1, "one is {one}");
    Ok(one)
}

#[handler]
async fn opaque_value(db: &mut Session<Sqlite>) -> Result<impl Into<i64>, ToolError> {
    db.lease(async |conn| Ok(sqlx::query_scalar::<_, i32>("SELECT 1").fetch_one(conn).await?)).await
}

#[handler]
async fn opaque_error(db: &mut Session<Sqlite>) -> Result<i64, impl std::fmt::Debug + use<>> {
    let one: Result<i64, Error> =
        db.lease(async |conn| Ok(sqlx::query_scalar("SELECT 1").fetch_one(conn).await?)).await;
    one
}

#[handler]
async fn none(db: &mut Session<Sqlite>) -> i64 {
    let one = db.lease(async |conn| sqlx::query_scalar("SELECT 1").fetch_one(conn).await).await;
    one.unwrap_or(0)
}

#[handler]
async fn annotated(db: &mut Session<Sqlite>) -> Option<i64> {
    db.lease(async |conn| -> Result<i64, ToolError> {
        Ok(sqlx::query_scalar("SELECT 1").fetch_one(conn).await?)
    })
    .await
    .ok()
}

#[handler]
async fn database_error(db: &mut Session<Sqlite>) -> sqlx::Result<i64> {
    db.lease(async |conn| sqlx::query_scalar("SELECT 1").fetch_one(conn).await).await
}

/// Handed on to nobody: a lease ends in shortlease's error, as the short forms do.
#[handler]
async fn told_apart(db: &mut Session<Sqlite>) -> Result<i64, ToolError> {
    let count = db
        .lease(async |conn| sqlx::query_scalar("SELECT 1 WHERE 1 = 2").fetch_one(conn).await)
        .await
        .or_else(|error| match error {
            Error::Database(sqlx::Error::RowNotFound) => Ok(0),
            other => Err(ToolError::from(other)),
        })?;
    match db.transaction(async |tx| sqlx::query("nonsense").execute(tx).await).await {
        Err(Error::Database(sqlx::Error::Database(_))) => Ok(count + 1),
        Err(error) => Err(error.into()),
        Ok(_) => return db.lease(async |_conn| Err(ToolError("it ran".into()))).await,
    }
}

/// A body that names what it returns decides for itself.
#[handler]
async fn named(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    let named = db
        .lease(async |conn| -> Result<i64, sqlx::Error> {
            sqlx::query_scalar("SELECT 1").fetch_one(conn).await
        })
        .await;
    let typed: Result<i64, sqlx::Error> = named;
    Ok(typed?)
}

/// So does a `let` that names it, for what stands directly in it.
#[handler]
async fn named_by_let(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    let raw: sqlx::Result<i64> =
        db.lease(async |conn| sqlx::query_scalar("SELECT 1").fetch_one(conn).await).await;
    let mapped: Result<i64, ToolError> = db
        .transaction(async |_tx| Err(ToolError("it ran".into())))
        .await
        .map(|()| 1);
    let Ok(aliased): ToolResult<_> =
        db.lease(async |conn| Ok(sqlx::query_scalar::<_, i64>("SELECT 1").fetch_one(conn).await?)).await
    else {
        return Ok(0);
    };
    let handed_on: Result<i64, ToolError> =
        Ok(db.lease(async |conn| sqlx::query_scalar("SELECT 1").fetch_one(conn).await).await?);
    let told: Result<i64, String> = db
        .lease(async |conn| sqlx::query_scalar("SELECT 1").fetch_one(conn).await)
        .await
        .map_err(|error: Error| error.to_string());
    let inferred: Result<i64, _> = {
        let inner: Result<i64, _> =
            db.lease(async |conn| sqlx::query_scalar("SELECT 1").fetch_one(conn).await).await;
        let error: Option<&Error> = inner.as_ref().err();
        assert!(error.is_none());
        inner
    };
    let sum = raw? + aliased + handed_on.unwrap_or(0) + told.unwrap_or(0) + inferred?;
    Ok(sum + mapped.unwrap_or(1))
}

/// Its last await is converted as that of any body is.
#[handler]
async fn named_and_converted(db: &mut Session<Sqlite>) -> Result<String, ToolError> {
    let one = db
        .lease(async |conn| -> Result<i64, ToolError> {
            sqlx::query_scalar("SELECT 1").fetch_one(conn).await
        })
        .await?;
    assert_eq!(one, 1);
    db.lease(async |conn| sqlx::query_scalar::<_, i64>("SELECT 2").fetch_one(conn).await)
        .await
        .map::<String, _>(|two| two.to_string())
}

type Answer<T> = Result<T, ToolError>;

/// It may leave its value to rustc; the savepoints in it end in its error.
#[handler]
async fn named_in_part(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    let numbers: Vec<i64> = db
        .lease(async |conn| -> Result<_, sqlx::Error> {
            Ok(vec![sqlx::query_scalar("SELECT 1").fetch_one(conn).await?])
        })
        .await?;
    let two: i64 = db
        .transaction(async |tx| -> Result<_, ToolError> {
            let one: i64 = tx
                .savepoint(async |tx| Ok(sqlx::query_scalar("SELECT 1").fetch_one(tx).await?))
                .await?;
            Ok(one + 1)
        })
        .await
        .map_err(|_error| Error::Closed)?;
    let none = db.lease(async |_conn| -> Answer<_> { Err(ToolError("no answer".into())) }).await;
    let typed: Answer<i64> = none;
    Ok(numbers[0] + two + typed.unwrap_or(0))
}

/// The end of an async block is an end, too; so is that of each branch.
#[handler]
async fn in_branches(db: &mut Session<Sqlite>, one: bool) -> Result<i64, ToolError> {
    let ended: Result<i64, ToolError> =
        async { db.lease(async |_conn| Err(ToolError("of the block".into()))).await }.await;
    let of_the_block = ended.is_err_and(|error| error.0 == "of the block");
    if one && of_the_block {
        db.lease(async |_conn| Err(ToolError("of a branch".into()))).await
    } else {
        match one {
            true => Ok(1),
            false => db.lease(async |_conn| Err(ToolError("of an arm".into()))).await,
        }
    }
}

/// Errors with a context, or turned into another, at the end of a body.
#[handler]
async fn with_context(db: &mut Session<Sqlite>) -> anyhow::Result<i64> {
    let missing: anyhow::Result<i64> = async {
        db.lease(async |conn| {
            let missing = sqlx::query_scalar("SELECT 1 WHERE 1 = 2").fetch_one(conn).await;
            missing.context("looking for one")
        })
        .await
    }
    .await;
    let one: i64 = db
        .lease(async |conn| {
            sqlx::query_scalar("SELECT 1").fetch_one(conn).await.map_err(anyhow::Error::from)
        })
        .await?;
    Ok(one + i64::from(missing.is_err_and(|error| error.to_string() == "looking for one")))
}

#[tokio::test(flavor = "multi_thread")]
async fn runs() {
    let db = shortlease_ui_tests::db().await;
    let db = &mut db.session();
    assert_eq!(own(db).await.unwrap(), 1);
    assert_eq!(named_alias(db).await.unwrap(), 1);
    assert_eq!(short_alias(db).await.unwrap(), 1);
    assert_eq!(result_alias(db).await.unwrap(), 1);
    assert_eq!(given(db).await.unwrap(), 1);
    assert!(matches!(mapped(db).await, Err(Mapped::Own)));
    assert!(matches!(mapped_twice(db).await, Err(Mapped::Own)));
    assert_eq!(anyhow(db).await.unwrap(), 1);
    assert_eq!(opaque_value(db).await.unwrap().into(), 1);
    assert_eq!(opaque_error(db).await.unwrap(), 1);
    assert_eq!(none(db).await, 1);
    assert_eq!(annotated(db).await, Some(1));
    assert_eq!(database_error(db).await.unwrap(), 1);
    assert_eq!(told_apart(db).await.unwrap(), 1);
    assert_eq!(named(db).await.unwrap(), 1);
    assert_eq!(named_in_part(db).await.unwrap(), 3);
    assert_eq!(named_by_let(db).await.unwrap(), 6);
    assert_eq!(named_and_converted(db).await.unwrap(), "2");
    assert_eq!(in_branches(db, true).await.unwrap_err().0, "of a branch");
    assert_eq!(in_branches(db, false).await.unwrap_err().0, "of an arm");
    assert_eq!(with_context(db).await.unwrap(), 2);
}
