use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, RedisError, RedisResult};

use super::window::WINDOW;

/// How long a command or a connect may take. A call rather goes on without Redis than waits longer.
const LIMIT: Duration = Duration::from_millis(100);

/// How long Redis is left alone after a connect failed.
const REST: Duration = Duration::from_secs(1);

/// A store in Redis: one connection, which all calls share.
pub struct Redis {
    client: Client,
    state: Mutex<State>,
    /// The last command failed.
    failing: AtomicBool,
}

#[derive(Default)]
struct State {
    connection: Option<MultiplexedConnection>,
    not_before: Option<Instant>,
}

impl Redis {
    pub(super) fn new(url: &str) -> RedisResult<Self> {
        let client = Client::open(url)?;
        Ok(Redis { client, state: Mutex::default(), failing: AtomicBool::new(false) })
    }

    /// Notes whether a command was answered, and returns `true` if the last one ended otherwise.
    pub(super) fn has_changed(&self, answers: bool) -> bool {
        self.failing.swap(!answers, Ordering::Relaxed) == answers
    }

    pub(super) async fn get(&self, key: &str) -> RedisResult<Option<String>> {
        self.run(redis::cmd("GET").arg(answer(key))).await
    }

    pub(super) async fn put(
        &self,
        key: &str,
        value: String,
        lifetime: Duration,
    ) -> RedisResult<()> {
        let lifetime = u64::try_from(lifetime.as_millis()).unwrap_or(u64::MAX);
        self.run(redis::cmd("SET").arg(answer(key)).arg(value).arg("PX").arg(lifetime)).await
    }

    /// The number of calls in this window, this one included, and what is left of the window.
    pub(super) async fn count(&self, team: &str) -> RedisResult<(u64, Duration)> {
        let key = format!("gateway:calls:{team}");
        let mut pipeline = redis::pipe();
        pipeline
            .atomic()
            .cmd("SET")
            .arg(&key)
            .arg(0)
            .arg("EX")
            .arg(WINDOW.as_secs())
            .arg("NX")
            .ignore()
            .incr(&key, 1)
            .pttl(&key);
        let mut connection = self.connection().await?;
        let counted = pipeline.query_async(&mut connection).await;
        let (count, left): (u64, i64) = self.noted(counted)?;
        Ok((count, Duration::from_millis(left.try_into().unwrap_or_default())))
    }

    pub(super) async fn quit(&self) {
        let connection = self.state().connection.take();
        if let Some(mut connection) = connection {
            // The connection is closed by the drop if this fails.
            let _: RedisResult<()> = redis::cmd("QUIT").query_async(&mut connection).await;
        }
    }

    async fn run<T: redis::FromRedisValue>(&self, command: &redis::Cmd) -> RedisResult<T> {
        let mut connection = self.connection().await?;
        let answered = command.query_async(&mut connection).await;
        self.noted(answered)
    }

    /// The connection, or a new one. After a connect that failed, none is tried for a while.
    async fn connection(&self) -> RedisResult<MultiplexedConnection> {
        {
            let mut state = self.state();
            if let Some(connection) = &state.connection {
                return Ok(connection.clone());
            }
            if state.not_before.is_some_and(|at| Instant::now() < at) {
                return Err(RedisError::from((redis::ErrorKind::Io, "left alone after a failure")));
            }
            // One call connects. The others go on without until it has.
            state.not_before = Some(Instant::now() + REST);
        }
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(LIMIT))
            .set_response_timeout(Some(LIMIT));
        let connection = self.client.get_multiplexed_async_connection_with_config(&config).await?;
        let mut state = self.state();
        state.connection = Some(connection.clone());
        state.not_before = None;
        Ok(connection)
    }

    /// A connection that fails is not used again.
    fn noted<T>(&self, answered: RedisResult<T>) -> RedisResult<T> {
        answered.inspect_err(|error| {
            if error.is_unrecoverable_error() || error.is_timeout() {
                self.state().connection = None;
            }
        })
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn answer(key: &str) -> String {
    format!("gateway:answer:{key}")
}
