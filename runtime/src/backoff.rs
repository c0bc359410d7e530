use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

/// Returns the pause after `failures` failures and one more: `first`, doubled for each, up to `longest`, and up to a
/// half shorter at random, so that those who failed together do not try again together.
///
/// The scheme is "equal jitter" of Marc Brooker, *Exponential Backoff and Jitter* (2015).
pub(crate) fn pause(failures: u32, first: Duration, longest: Duration) -> Duration {
    let pause = first.saturating_mul(1 << failures.min(20)).min(longest);
    pause.mul_f64(1.0 - random() / 2.0)
}

/// Returns a random number from 0 to 1.
pub(crate) fn random() -> f64 {
    RandomState::new().hash_one(()) as f64 / u64::MAX as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_the_limit_and_differ() {
        let (first, longest) = (Duration::from_millis(1), Duration::from_millis(100));
        for (failures, most) in [(0, 1), (3, 8), (20, 100), (u32::MAX, 100)] {
            let most = Duration::from_millis(most);
            let pauses: Vec<_> = (0..200).map(|_| pause(failures, first, longest)).collect();
            assert!(pauses.iter().all(|pause| *pause <= most && *pause >= most / 2), "{pauses:?}");
            assert!(pauses.iter().any(|pause| *pause > most * 3 / 4), "{pauses:?}");
            assert!(pauses.iter().any(|pause| *pause < most * 3 / 4), "{pauses:?}");
        }
    }
}
