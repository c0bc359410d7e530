//! The state that all gateways share besides the database: answers that may be used again, and how many calls a
//! team has made. In Redis, or in memory if there is one gateway only.

mod memory;
mod redis;
mod window;

use std::time::Duration;

use ::redis::{RedisError, RedisResult};
use tracing::{info, warn};

use self::memory::Memory;
use self::redis::Redis;

/// The shared store. If it fails, calls go on without it: nothing is cached, and nobody is limited.
pub enum Shared {
    /// For one gateway.
    Memory(Memory),
    /// For several.
    Redis(Redis),
}

impl Shared {
    /// A store in memory.
    #[must_use]
    pub fn memory() -> Self {
        Shared::Memory(Memory::default())
    }

    /// A store in Redis. It is not connected to yet.
    ///
    /// # Errors
    ///
    /// If the URL is none.
    pub fn redis(url: &str) -> Result<Self, RedisError> {
        Redis::new(url).map(Shared::Redis)
    }

    /// Returns an answer that was kept and whose time is not over.
    ///
    /// # Cancel safety
    ///
    /// Safe: nothing is left behind.
    pub async fn get(&self, key: &str) -> Option<String> {
        match self {
            Shared::Memory(memory) => memory.get(key),
            Shared::Redis(redis) => or_without(redis, redis.get(key).await),
        }
    }

    /// Keeps an answer for a while.
    ///
    /// # Cancel safety
    ///
    /// Dropped, it may or may not be kept.
    pub async fn put(&self, key: &str, value: String, lifetime: Duration) {
        match self {
            Shared::Memory(memory) => memory.put(key, value, lifetime),
            Shared::Redis(redis) => or_without(redis, redis.put(key, value, lifetime).await),
        }
    }

    /// Counts a call of a team, and returns when the next is permitted if there were too many in this minute.
    ///
    /// # Errors
    ///
    /// The time until the minute is over.
    ///
    /// # Cancel safety
    ///
    /// Dropped, the call may or may not be counted.
    pub async fn count(&self, team: &str, limit: u64) -> Result<(), Duration> {
        let (count, left) = match self {
            Shared::Memory(memory) => memory.count(team),
            Shared::Redis(redis) => or_without(redis, redis.count(team).await),
        };
        if count > limit { Err(left) } else { Ok(()) }
    }

    /// Returns `true` if the store can be used now.
    ///
    /// # Cancel safety
    ///
    /// Safe: nothing is left behind.
    pub async fn answers(&self) -> bool {
        match self {
            Shared::Memory(_) => true,
            Shared::Redis(redis) => redis.get("").await.is_ok(),
        }
    }

    /// Says goodbye.
    ///
    /// # Cancel safety
    ///
    /// Safe: the connection is closed in any case.
    pub async fn quit(&self) {
        if let Shared::Redis(redis) = self {
            redis.quit().await;
        }
    }
}

/// Returns what Redis answered, or goes on without it. The log has a line when that changes, and not one for each call.
fn or_without<T: Default>(redis: &Redis, answered: RedisResult<T>) -> T {
    let changed = redis.has_changed(answered.is_ok());
    match answered {
        Ok(answer) => {
            if changed {
                info!("Redis answers again");
            }
            answer
        }
        Err(error) => {
            metrics::counter!("gateway.shared.failures").increment(1);
            if changed {
                warn!(kind = ?error.kind(), "Redis fails: going on without it");
            }
            T::default()
        }
    }
}
