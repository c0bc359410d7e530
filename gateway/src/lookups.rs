//! Keeps wrong tokens from taking the whole pool.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use crate::error::Error;
use crate::secret::Token;

/// How long a token is known to be good after it was.
const KNOWN: Duration = Duration::from_secs(10 * 60);

/// More tokens than this are not known.
const TOKENS: usize = 10_000;

/// How soon a token that got no turn is worth another try.
const RETRY: Duration = Duration::from_secs(1);

/// Lookups of tokens. Those of tokens that were good lately run at any time. The others take turns, so however many wrong
/// tokens are shown, they hold a quarter of the pool at most.
pub struct Lookups {
    known: Mutex<HashMap<[u8; 32], Instant>>,
    turns: Semaphore,
    patience: Duration,
}

impl Lookups {
    /// Lookups on a pool of that size. A token waits for its turn at most for so long.
    #[must_use]
    pub fn new(pool: u32, patience: Duration) -> Self {
        Lookups {
            known: Mutex::default(),
            turns: Semaphore::new((pool as usize / 4).max(1)),
            patience,
        }
    }

    /// Waits for the turn of a token; `None` for one that was good lately, which needs none.
    ///
    /// # Errors
    ///
    /// [`Error::TooManyTokens`].
    ///
    /// # Cancel safety
    ///
    /// Safe: nothing is left behind.
    pub async fn turn(&self, token: &Token) -> Result<Option<SemaphorePermit<'_>>, Error> {
        let now = Instant::now();
        if self.known().get(&token.digest()).is_some_and(|until| *until > now) {
            return Ok(None);
        }
        match timeout(self.patience, self.turns.acquire()).await {
            Ok(Ok(turn)) => Ok(Some(turn)),
            _ => Err(Error::TooManyTokens { retry_after: RETRY }),
        }
    }

    /// Notes whether a token is good.
    pub fn note(&self, token: &Token, is_good: bool) {
        let (mut known, now) = (self.known(), Instant::now());
        if !is_good {
            known.remove(&token.digest());
            return;
        }
        let (digest, until) = (token.digest(), now + KNOWN);
        if known.len() >= TOKENS && !known.contains_key(&digest) {
            known.retain(|_, until| *until > now);
            if known.len() >= TOKENS {
                return;
            }
        }
        known.insert(digest, until);
    }

    fn known(&self) -> MutexGuard<'_, HashMap<[u8; 32], Instant>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn tokens_that_were_good_need_no_turn_and_the_others_take_turns() {
        let lookups = Lookups::new(8, Duration::ZERO);
        let [good, wrong] = [(); 2].map(|()| Token::generate());
        let turns = [lookups.turn(&good).await.unwrap(), lookups.turn(&wrong).await.unwrap()];
        lookups.note(&good, true);
        assert!(lookups.turn(&good).await.unwrap().is_none());
        assert!(matches!(lookups.turn(&wrong).await, Err(Error::TooManyTokens { .. })));
        drop(turns);
        assert!(lookups.turn(&wrong).await.unwrap().is_some());
        lookups.note(&good, false);
        assert!(lookups.turn(&good).await.unwrap().is_some());
    }

    #[test]
    fn known_tokens_are_bounded() {
        let lookups = Lookups::new(1, Duration::ZERO);
        for _ in 0..=TOKENS {
            lookups.note(&Token::generate(), true);
        }
        assert_eq!(lookups.known().len(), TOKENS);
    }
}
