//! Handlers over a pool without leases: in `held` each holds its connection for longer than the database
//! needs it, in `honest` stands the one of the same name and shape that does not.
//!
//! Without dependencies, so that it is linted in no time; the lints see the types of what lives across
//! an await, and these are as in sqlx: a guard that gives its connection back when it is dropped.
#![cfg_attr(feature = "must_not_suspend", feature(must_not_suspend))]
#![cfg_attr(feature = "must_not_suspend", warn(must_not_suspend))]
#![cfg_attr(not(feature = "must_not_suspend"), warn(clippy::await_holding_invalid_type))]
#![allow(dead_code)]

pub mod held;
pub mod honest;

use std::pin::Pin;

pub type Answer = Result<(), ()>;

pub struct Pool;

#[cfg_attr(feature = "must_not_suspend", must_not_suspend)]
pub struct PoolConnection;

impl Pool {
    pub async fn acquire(&self) -> Result<PoolConnection, ()> {
        Ok(PoolConnection)
    }
}

impl Drop for PoolConnection {
    fn drop(&mut self) {}
}

/// A statement.
pub async fn execute(_: &mut PoolConnection, _: &str) -> Answer {
    Ok(())
}

/// Anything that is not the database.
pub async fn remote() {
    std::future::pending().await
}

/// A part of a handler that is chosen at run time.
pub trait Step {
    fn run<'a>(
        &'a self,
        conn: &'a mut PoolConnection,
    ) -> Pin<Box<dyn Future<Output = Answer> + 'a>>;
}

/// A request's state.
pub struct Context {
    pub conn: PoolConnection,
}

/// Runs both to their ends.
pub async fn join<A: Future, B: Future>(one: A, other: B) -> (A::Output, B::Output) {
    (one.await, other.await)
}

/// Gives a future to the runtime.
pub fn spawn<F: Future + 'static>(future: F) {
    drop(Box::new(future));
}

#[macro_export]
macro_rules! wait_for {
    ($future:expr) => {
        $future.await
    };
}
