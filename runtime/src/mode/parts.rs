use futures_util::stream::BoxStream;
use sqlx::error::BoxDynError;
use sqlx::{Database, Either, Execute, SqlStr};

use crate::Backend;

/// A row, or the end of the answer to one of several statements.
pub(super) type RowOrEnd<DB> = Either<<DB as Database>::QueryResult, <DB as Database>::Row>;

/// The answers to a query, as they arrive.
pub(crate) type Answers<'r, DB> = BoxStream<'r, Result<RowOrEnd<DB>, sqlx::Error>>;

/// A query in its parts: its text can be looked at.
pub(crate) struct QueryParts<DB: Backend> {
    pub(crate) text: SqlStr,
    pub(crate) arguments: Result<Option<DB::Arguments>, BoxDynError>,
    /// True if `sqlx` is to keep its statement.
    pub(crate) persistent: bool,
}

impl<DB: Backend> QueryParts<DB> {
    pub(crate) fn of<'q>(mut query: impl Execute<'q, DB>) -> Self {
        let arguments = query.take_arguments();
        QueryParts { arguments, persistent: query.persistent(), text: query.sql() }
    }
}

impl<DB: Backend> Execute<'_, DB> for QueryParts<DB> {
    fn sql(self) -> SqlStr {
        self.text
    }

    fn statement(&self) -> Option<&DB::Statement> {
        None
    }

    fn take_arguments(&mut self) -> Result<Option<DB::Arguments>, BoxDynError> {
        std::mem::replace(&mut self.arguments, Ok(None))
    }

    fn persistent(&self) -> bool {
        self.persistent
    }
}
