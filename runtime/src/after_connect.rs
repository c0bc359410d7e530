use std::sync::Arc;

use futures_util::future::BoxFuture;

use crate::Backend;

type Prepare<DB> = dyn for<'c> Fn(&'c mut <DB as sqlx::Database>::Connection) -> BoxFuture<'c, Result<(), sqlx::Error>>
    + Send
    + Sync;

/// Leases would be part of it, and nothing would commit it.
const LEFT_OPEN: &str = "`after_connect` leaves a transaction open, or `autocommit` off; end it there, and leave that on";

/// Prepares each new connection.
pub(crate) struct AfterConnect<DB: Backend>(Option<Arc<Prepare<DB>>>);

impl<DB: Backend> Default for AfterConnect<DB> {
    fn default() -> Self {
        AfterConnect(None)
    }
}

impl<DB: Backend> AfterConnect<DB> {
    pub(crate) fn new(
        prepare: impl for<'c> Fn(&'c mut DB::Connection) -> BoxFuture<'c, Result<(), sqlx::Error>>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        AfterConnect(Some(Arc::new(prepare)))
    }

    pub(crate) fn is_set(&self) -> bool {
        self.0.is_some()
    }

    pub(crate) async fn run(&self, raw: &mut DB::Connection) -> Result<(), sqlx::Error> {
        let Some(prepare) = &self.0 else { return Ok(()) };
        prepare(raw).await?;
        match DB::is_in_transaction(raw).await? {
            false => Ok(()),
            true => Err(sqlx::Error::Configuration(LEFT_OPEN.into())),
        }
    }
}
