use std::pin::pin;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::handoff::Handoff;
use super::request::LeaseRequest;
use super::run::RunLease;
use crate::{Backend, Error, backoff};

/// The pauses between attempts. Transactions that conflict are short, so the first pause is, too.
const SHORTEST: Duration = Duration::from_millis(1);
const LONGEST: Duration = Duration::from_millis(100);

/// Runs a transaction until it does not conflict with another one, within the limits of its options.
///
/// # Cancel safety
///
/// Safe: each attempt is a lease, and nothing is held between two.
pub(super) async fn retry<DB: Backend, T, E, F, B>(
    request: LeaseRequest<'_, DB>,
    handoff: &Handoff<DB>,
    convert: fn(Error) -> E,
    mut body: B,
) -> Result<T, E>
where
    F: Future<Output = Result<T, E>>,
    B: FnMut() -> F,
{
    let mut last_start = None;
    let retries = request.transaction.map_or(0, |options| options.retries);
    let mut failures = 0;
    loop {
        let mut attempt = pin!(RunLease::new(request, handoff.share(), convert, body()));
        let outcome = attempt.as_mut().await;
        if outcome.is_ok() || !attempt.conflicted() || failures == retries {
            return outcome;
        }
        last_start = last_start.or(attempt.deadline());
        let pause = backoff::pause(failures, SHORTEST, LONGEST);
        if last_start.is_none_or(|last| Instant::now() + pause > last) {
            return outcome;
        }
        tracing::debug!(site = %request.site, ?pause, "transaction_retried");
        sleep(pause).await;
        failures += 1;
    }
}
