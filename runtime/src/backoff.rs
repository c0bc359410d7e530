use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

/// Pauses between attempts that grow by the factor 2 up to a limit, each with full jitter: a random part
/// of what it has grown to, so that those who failed together do not try again together.
///
/// The scheme is "full jitter" of Marc Brooker, *Exponential Backoff and Jitter* (2015).
#[derive(Debug)]
pub(crate) struct Backoff {
    next: Duration,
    longest: Duration,
}

impl Backoff {
    pub(crate) fn new(first: Duration, longest: Duration) -> Self {
        Backoff { next: first, longest }
    }

    /// Returns the next pause.
    pub(crate) fn pause(&mut self) -> Duration {
        let pause = self.next.mul_f64(random());
        self.next = (self.next * 2).min(self.longest);
        pause
    }
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
        let pauses = |nth: usize| -> Vec<Duration> {
            let nth_of = |_| {
                let mut backoff = Backoff::new(first, longest);
                (0..=nth).map(|_| backoff.pause()).last().unwrap()
            };
            (0..200).map(nth_of).collect()
        };
        for (nth, most) in [(0, 1), (3, 8), (20, 100)] {
            let pauses = pauses(nth);
            let most = Duration::from_millis(most);
            assert!(pauses.iter().all(|pause| *pause <= most), "{nth}: {pauses:?}");
            assert!(pauses.iter().any(|pause| *pause > most / 2), "{nth}: {pauses:?}");
            assert!(pauses.iter().any(|pause| *pause < most / 2), "{nth}: {pauses:?}");
        }
    }
}
