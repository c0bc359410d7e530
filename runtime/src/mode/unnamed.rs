use futures_util::StreamExt;
use futures_util::future::{BoxFuture, FutureExt, TryFutureExt, ready};
use sqlx::{Execute, Executor};

use super::first_row::first_row;
use super::parts::{Answers, QueryParts};
use crate::Backend;
use crate::backend::raw_conn::SentTexts;

/// The texts that a connection has sent without a name.
pub(crate) type Sent<'r> = &'r mut SentTexts;

/// A query that leaves no name in its session.
pub(crate) struct Unnamed<DB: Backend>(QueryParts<DB>);

impl<DB: Backend> Unnamed<DB> {
    pub(crate) fn of<'q>(query: impl Execute<'q, DB>) -> Self {
        Unnamed(QueryParts { persistent: false, ..QueryParts::of(query) })
    }

    pub(crate) fn fetch_many<'r>(
        self,
        raw: &'r mut DB::Connection,
        sent: Sent<'r>,
    ) -> Answers<'r, DB> {
        async move {
            self.look_up_types(&mut *raw, sent).await?;
            Ok(DB::executor(raw).fetch_many(self.0))
        }
        .try_flatten_stream()
        .boxed()
    }

    pub(crate) fn fetch_optional<'r>(
        self,
        raw: &'r mut DB::Connection,
        sent: Sent<'r>,
    ) -> Answers<'r, DB> {
        async move {
            self.look_up_types(&mut *raw, sent).await?;
            Ok(first_row::<DB, _>(raw, self.0))
        }
        .try_flatten_stream()
        .boxed()
    }

    /// Has `sqlx` look up the types of a text that its connection sends for the first time.
    fn look_up_types<'c>(
        &self,
        raw: &'c mut DB::Connection,
        sent: Sent<'c>,
    ) -> BoxFuture<'c, Result<(), sqlx::Error>> {
        // Without arguments, not even none, it is one message.
        let Ok(Some(arguments)) = &self.0.arguments else { return ready(Ok(())).boxed() };
        let text = sent.hash(self.0.text.as_str());
        if sent.contains(text) {
            return ready(Ok(())).boxed();
        }
        let looked_up = DB::look_up_types(raw, &self.0.text, arguments);
        looked_up.map_ok(move |()| sent.insert(text)).boxed()
    }
}
