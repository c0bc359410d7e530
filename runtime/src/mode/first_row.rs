//! The answers to a query of which the first row is wanted. `sqlx` drops the rest on SQLite, and with it the error of a
//! statement that could not be committed, and the statements behind it; on MySQL it leaves it to the next statement; on
//! PostgreSQL it reads it without giving way.

use std::future::ready;

use futures_util::future::FutureExt;
use futures_util::stream::{StreamExt, TryStreamExt};
use sqlx::{Either, Execute, Executor};

use super::parts::{Answers, QueryParts};
use crate::Backend;

/// Returns the answers to a query: all of them, or the first row alone if it is sure that nothing behind that counts.
pub(super) fn first_row<'r, 'q: 'r, DB: Backend, E: Execute<'q, DB> + 'q>(
    raw: &'r mut DB::Connection,
    query: E,
) -> Answers<'r, DB> {
    if DB::PUSHES_ROWS {
        return DB::executor(raw).fetch_many(query);
    }
    let parts = QueryParts::of(query);
    if !is_one_read(parts.text.as_str()) {
        return DB::executor(raw).fetch_many(parts);
    }
    let row = DB::executor(raw).fetch_optional(parts).into_stream();
    row.try_filter_map(|row| ready(Ok(row.map(Either::Right)))).boxed()
}

/// Returns `true` for one statement that surely does not give what it has written.
fn is_one_read(text: &str) -> bool {
    const WORD: &[u8] = b"returning";
    let mut words = text.as_bytes().windows(WORD.len());
    let is_end = |c: char| c == ';' || c.is_whitespace();
    !text.trim_end_matches(is_end).contains(';') && !words.any(|at| at.eq_ignore_ascii_case(WORD))
}
