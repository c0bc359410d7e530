//! Leaves an upstream alone that keeps failing.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// So many failures in a row open the circuit.
const FAILURES: u32 = 5;

/// How long an open circuit stays so.
const REST: Duration = Duration::from_secs(10);

/// A circuit breaker: closed, open for [`REST`] after [`FAILURES`] failures in a row, then closed again if one
/// call succeeds.
#[derive(Default)]
pub(super) struct Breaker(Mutex<State>);

#[derive(Default)]
struct State {
    failures: u32,
    open_until: Option<Instant>,
    trying: bool,
}

/// The state of a breaker: is its upstream called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Circuit {
    /// It is.
    Closed,
    /// It is left alone.
    Open,
    /// One call tries it.
    HalfOpen,
}

impl fmt::Display for Circuit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Circuit::Closed => "closed",
            Circuit::Open => "open",
            Circuit::HalfOpen => "half_open",
        })
    }
}

/// A call that may be made. Dropped before it ended, it says nothing about the upstream.
pub(super) struct Admitted {
    breaker: Arc<Breaker>,
    trial: bool,
}

impl Breaker {
    /// Admits a call, or returns how long the upstream is still left alone.
    pub(super) fn admit(self: &Arc<Self>, now: Instant) -> Result<Admitted, Duration> {
        let mut state = self.state();
        let admitted = |trial| Admitted { breaker: Arc::clone(self), trial };
        match state.open_until {
            None => Ok(admitted(false)),
            Some(until) if now < until => Err(until - now),
            // The others learn soon whether it works again.
            Some(_) if state.trying => Err(Duration::from_secs(1)),
            Some(_) => {
                state.trying = true;
                Ok(admitted(true))
            }
        }
    }

    pub(super) fn circuit(&self, now: Instant) -> Circuit {
        match self.state().open_until {
            None => Circuit::Closed,
            Some(until) if now < until => Circuit::Open,
            Some(_) => Circuit::HalfOpen,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Admitted {
    /// The call has ended.
    pub(super) fn ended(self, well: bool, now: Instant) {
        let mut state = self.breaker.state();
        if well {
            (state.failures, state.open_until) = (0, None);
            return;
        }
        state.failures = state.failures.saturating_add(1);
        if self.trial || state.failures >= FAILURES {
            state.open_until = Some(now + REST);
        }
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        if self.trial {
            self.breaker.state().trying = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(times: u32, now: Instant) -> Arc<Breaker> {
        let breaker = Arc::new(Breaker::default());
        for _ in 0..times {
            breaker.admit(now).unwrap_or_else(|_| panic!("closed")).ended(false, now);
        }
        breaker
    }

    #[test]
    fn failures_in_a_row_open_it() {
        let now = Instant::now();
        let breaker = failed(FAILURES - 1, now);
        assert_eq!(breaker.circuit(now), Circuit::Closed);
        breaker.admit(now).ok().unwrap().ended(true, now);
        let breaker_after_success = breaker;
        for _ in 0..FAILURES - 1 {
            breaker_after_success.admit(now).ok().unwrap().ended(false, now);
        }
        assert_eq!(breaker_after_success.circuit(now), Circuit::Closed);
        let open = failed(FAILURES, now);
        assert_eq!(open.circuit(now), Circuit::Open);
        assert_eq!(
            open.admit(now + Duration::from_secs(3)).err(),
            Some(REST - Duration::from_secs(3))
        );
    }

    #[test]
    fn one_call_tries_it_after_the_rest() {
        let now = Instant::now();
        let breaker = failed(FAILURES, now);
        let later = now + REST;
        let trial = breaker.admit(later).ok().unwrap();
        assert!(breaker.admit(later).is_err());
        assert_eq!(breaker.circuit(later), Circuit::HalfOpen);
        trial.ended(true, later);
        assert_eq!(breaker.circuit(later), Circuit::Closed);
        breaker.admit(later).ok().unwrap();
    }

    #[test]
    fn a_failed_trial_opens_it_again() {
        let now = Instant::now();
        let breaker = failed(FAILURES, now);
        let later = now + REST;
        breaker.admit(later).ok().unwrap().ended(false, later);
        assert_eq!(breaker.circuit(later), Circuit::Open);
        breaker.admit(later + REST).ok().unwrap();
    }

    #[test]
    fn a_trial_that_is_dropped_lets_another_try() {
        let now = Instant::now();
        let breaker = failed(FAILURES, now);
        drop(breaker.admit(now + REST));
        assert!(breaker.admit(now + REST).is_ok());
    }
}
