use super::call::DbCall;
use crate::DbFuture;

/// A body that a handler takes from its caller, to run it on a lease of its own: `#[leased] async |tx: &mut Tx<_>| ..`.
///
/// So wrappers around leases, such as a timer or a retry, are functions like any other:
///
/// ```
/// # use shortlease::{Error, LeasedFn, Session, Sqlite, Tx, handler};
/// #[handler]
/// async fn with_tx<T>(
///     db: &mut Session<Sqlite>,
///     body: impl LeasedFn<Tx<Sqlite>, Result<T, Error>>,
/// ) -> Result<T, Error> {
///     db.transaction(async |tx| body.call(tx).await).await
/// }
///
/// #[handler]
/// async fn clear(db: &mut Session<Sqlite>) -> Result<u64, Error> {
///     with_tx(db, #[leased] async |tx: &mut Tx<Sqlite>| {
///         Ok(sqlx::query("DELETE FROM calls").execute(tx).await?.rows_affected())
///     })
///     .await
/// }
/// ```
///
/// If a wrapper looks at the outcome before it hands it on, its lease names the error of the body, or a lease that `let`
/// takes would end in [`Error`](crate::Error):
///
/// ```
/// # use shortlease::{Error, LeasedFn, Session, Sqlite, Tx, handler};
/// #[handler]
/// async fn counted<T, E: From<Error>>(
///     db: &mut Session<Sqlite>,
///     body: impl LeasedFn<Tx<Sqlite>, Result<T, E>>,
/// ) -> Result<T, E> {
///     let outcome = db.transaction(async |tx| -> Result<_, E> { body.call(tx).await }).await;
///     println!("done: {}", outcome.is_ok());
///     outcome
/// }
/// ```
///
/// Only a closure that is marked `#[leased]`, in a function with one of the attributes, is one: its awaits are checked as
/// those of a lease's body are.
///
/// A call consumes the body. It is `Clone` and `Copy` if its closure is, so a wrapper that calls it twice asks for
/// `impl LeasedFn<..> + Clone`, and calls `body.clone().call(tx)`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a checked body, so nothing checks what it awaits",
    label = "a connection would be held across any `.await` in here",
    note = "mark the closure, in a `#[handler]`: `#[leased] async |tx: &mut Tx<_>| ..`",
    note = "if it is marked, it takes another connection than this asks for, or returns another type: a body ends in its own \
            error, and `Ok(..?)` converts that",
    note = "rule SL010: https://docs.rs/shortlease/latest/shortlease/rules/index.html#sl010"
)]
pub trait LeasedFn<C, T>: Sized {
    /// Runs the body on a leased connection.
    ///
    /// # Cancel safety
    ///
    /// That of the statements in the body.
    fn call(self, conn: &mut C) -> impl DbFuture<Output = T>;
}

/// A closure whose awaits were checked.
#[derive(Clone, Copy, Debug)]
pub struct LeasedClosure<F>(pub(crate) F);

#[diagnostic::do_not_recommend]
impl<C, T, F: AsyncFnOnce(&mut C) -> T> LeasedFn<C, T> for LeasedClosure<F> {
    fn call(self, conn: &mut C) -> impl DbFuture<Output = T> {
        DbCall::new(async move { (self.0)(conn).await })
    }
}
