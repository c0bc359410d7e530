//! The first row of an answer, and what becomes of the rest: on SQLite `sqlx` drops it, and with it the error of a statement
//! that could not be committed; on MySQL it leaves it to the next statement; on PostgreSQL it reads it without giving way.

use futures_util::future::{BoxFuture, FutureExt};
use futures_util::stream::TryStreamExt;
use sqlx::{Either, Execute, Executor};
use tokio::task::coop::consume_budget;

use super::parts::QueryParts;
use crate::Backend;

/// Returns the first row of an answer, and ends the statement as [`execute`](Executor::execute) would.
pub(super) fn first_row<'r, 'q: 'r, DB: Backend, E: Execute<'q, DB> + 'q>(
    raw: &'r mut DB::Connection,
    query: E,
) -> BoxFuture<'r, Result<Option<DB::Row>, sqlx::Error>> {
    if DB::PUSHES_ROWS {
        return whole(raw, query).boxed();
    }
    let parts = QueryParts::of(query);
    match may_return_writes(parts.text.as_str()) {
        true => whole(raw, parts).boxed(),
        false => DB::executor(raw).fetch_optional(parts),
    }
}

async fn whole<'q, DB: Backend, E: Execute<'q, DB> + 'q>(
    raw: &mut DB::Connection,
    query: E,
) -> Result<Option<DB::Row>, sqlx::Error> {
    let mut answers = DB::executor(raw).fetch_many(query);
    let mut first = None;
    while let Some(answer) = answers.try_next().await? {
        // Rows that come faster than they are read would never let a limit end this.
        consume_budget().await;
        if let Either::Right(row) = answer {
            first.get_or_insert(row);
        }
    }
    Ok(first)
}

/// Returns `false` for a statement that surely does not give what it has written.
fn may_return_writes(text: &str) -> bool {
    const WORD: &[u8] = b"returning";
    text.as_bytes().windows(WORD.len()).any(|at| at.eq_ignore_ascii_case(WORD))
}
