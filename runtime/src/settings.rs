use std::time::Duration;

use crate::Error;
use crate::backoff::random;
use crate::connection_settings::ConnectionSettings;
use crate::credentials::CredentialsSource;

/// A lease that is polled ends itself at `max_lease`. If it is still open this much later, nobody polls it.
const REVOKE_GRACE: Duration = Duration::from_millis(250);

/// The server's limits come after ours: they are for clients that are gone.
const SERVER_MARGIN: Duration = Duration::from_secs(1);

/// The maintenance task wakes no more often than this.
const SHORTEST: Duration = Duration::from_millis(10);

/// The greatest value of PostgreSQL's `max_connections`.
const MAX_CONNECTIONS: u32 = 262_143;

/// Longer than any process lives, and short enough to be added to a time.
pub(crate) const NEVER: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

/// A pooler between the pool and the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Pooler {
    /// PgBouncer in transaction mode, of any version, or a pooler like it: a session is lent for a
    /// transaction. So every lease is one, with its time limits set in the message that begins it.
    /// Its statements are unnamed, as the next transaction may meet a session that does not know
    /// them: each costs a round trip more, and two more when a connection sends its text for the first time.
    Transaction,
    /// Like [`Transaction`](Pooler::Transaction), with named statements, which save that round trip
    /// from their second use on. For PgBouncer 1.21 or later with `max_prepared_statements` above 0,
    /// which knows them in each session that it lends.
    ///
    /// Each new connection is checked for that, in four round trips, as names that are not kept may
    /// run the statement of somebody else: what leads to no such pooler ends in [`Error::Setting`].
    TransactionWithPreparedStatements,
}

/// The limits of a pool. The defaults and where they come from are on the methods of
/// [`Builder`](crate::Builder).
#[derive(Clone, Debug)]
pub struct Settings {
    pub(crate) max_connections: u32,
    pub(crate) min_idle: u32,
    pub(crate) acquire_timeout: Duration,
    pub(crate) queue_target: Option<Duration>,
    pub(crate) connect_timeout: Duration,
    pub(crate) max_lease: Duration,
    pub(crate) stall_timeout: Option<Duration>,
    pub(crate) statement_timeout: Option<Duration>,
    pub(crate) idle_in_transaction_timeout: Option<Duration>,
    pub(crate) application_name: Option<String>,
    pub(crate) setting: ConnectionSettings,
    pub(crate) validate_after: Duration,
    pub(crate) idle_timeout: Duration,
    pub(crate) keepalive: Option<Duration>,
    pub(crate) max_lifetime: Duration,
    pub(crate) max_dedicated: u32,
    pub(crate) migration_lock_timeout: Duration,
    pub(crate) instances: Option<u32>,
    pub(crate) pooler: Option<Pooler>,
    pub(crate) credentials: Option<CredentialsSource>,
    pub(crate) name: Option<String>,
    #[cfg(feature = "test")]
    pub(crate) test_transaction: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            max_connections: 8,
            min_idle: 0,
            acquire_timeout: Duration::from_secs(8),
            queue_target: None,
            connect_timeout: Duration::from_secs(10),
            max_lease: Duration::from_secs(10),
            stall_timeout: Some(Duration::from_secs(1)),
            statement_timeout: None,
            idle_in_transaction_timeout: None,
            application_name: None,
            setting: ConnectionSettings::default(),
            validate_after: Duration::from_millis(500),
            idle_timeout: Duration::from_secs(60),
            keepalive: Some(Duration::from_secs(30)),
            max_lifetime: Duration::from_secs(30 * 60),
            max_dedicated: 1,
            migration_lock_timeout: Duration::from_secs(60),
            instances: None,
            pooler: None,
            credentials: None,
            name: None,
            #[cfg(feature = "test")]
            test_transaction: false,
        }
    }
}

impl Settings {
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.max_connections == 0 {
            return Err(Error::setting(
                "max_connections",
                "is 0, so no lease could ever open; use at least 1",
            ));
        }
        if self.max_connections > MAX_CONNECTIONS {
            return Err(Error::setting(
                "max_connections",
                format!("is {}; no server has more than {MAX_CONNECTIONS}", self.max_connections),
            ));
        }
        if self.instances == Some(0) {
            return Err(Error::setting("instances", "is 0; count this process too"));
        }
        if self.min_idle > self.max_connections {
            return Err(Error::setting(
                "min_idle",
                format!(
                    "is {}, above `max_connections`, which is {}; lower it or raise that",
                    self.min_idle, self.max_connections
                ),
            ));
        }
        let positive = [
            ("acquire_timeout", Some(self.acquire_timeout)),
            ("queue_target", self.queue_target),
            ("connect_timeout", Some(self.connect_timeout)),
            ("max_lease", Some(self.max_lease)),
            ("stall_timeout", self.stall_timeout),
            ("statement_timeout", self.statement_timeout),
            ("idle_in_transaction_timeout", self.idle_in_transaction_timeout),
            ("keepalive", self.keepalive),
            ("max_lifetime", Some(self.max_lifetime)),
        ];
        for (setting, value) in positive {
            if value.is_some_and(|value| value.is_zero()) {
                return Err(Error::setting(setting, "is zero; use a positive duration"));
            }
        }
        Ok(())
    }

    /// Nothing is longer than what can be added to a time.
    pub(crate) fn clamp(&mut self) {
        for limit in [
            &mut self.acquire_timeout,
            &mut self.connect_timeout,
            &mut self.max_lease,
            &mut self.migration_lock_timeout,
            &mut self.validate_after,
            &mut self.idle_timeout,
            &mut self.max_lifetime,
        ] {
            *limit = (*limit).min(NEVER);
        }
        self.keepalive = self.keepalive.map(|after| after.min(NEVER));
        self.queue_target = self.queue_target.map(|wait| wait.min(NEVER));
        self.stall_timeout = self.stall_timeout.map(|after| after.min(NEVER));
    }

    /// Refuses more connections than the `sqlx` pool has.
    pub(crate) fn check_shared_pool(&self, most: u32) -> Result<(), Error> {
        if self.max_connections > most {
            return Err(Error::setting(
                "max_connections",
                format!(
                    "is {}, above that of the `sqlx` pool, which is {most}; lower it or raise that",
                    self.max_connections
                ),
            ));
        }
        Ok(())
    }

    /// Leaves idle connections, and their age, to the pool that lends them.
    pub(crate) fn leave_idle_to_others(&mut self) {
        self.min_idle = 0;
        self.max_lifetime = NEVER;
    }

    /// Keeps one connection, for as long as the handle lives.
    #[cfg(feature = "test")]
    pub(crate) fn keep_one_connection(&mut self) {
        self.max_connections = 1;
        self.min_idle = 0;
        self.keepalive = None;
        self.validate_after = NEVER;
        self.idle_timeout = NEVER;
        self.max_lifetime = NEVER;
    }

    pub(crate) fn statement_timeout(&self) -> Duration {
        self.statement_timeout.unwrap_or(self.max_lease + SERVER_MARGIN)
    }

    #[cfg(any(feature = "mysql", feature = "postgres"))]
    pub(crate) fn idle_in_transaction_timeout(&self) -> Duration {
        self.idle_in_transaction_timeout.unwrap_or(self.max_lease + SERVER_MARGIN)
    }

    /// The longest that a statement may wait for a lock that a client of the same file has, so that its lease can tell of it.
    pub(crate) fn lock_wait(&self) -> Duration {
        self.max_lease - self.max_lease / 10
    }

    /// When a lease is given up for forgotten.
    pub(crate) fn revoke_after(&self) -> Duration {
        self.max_lease + REVOKE_GRACE
    }

    /// How often open leases are looked at. Often enough that a stalled one is found in time, and that a
    /// maintenance task that is late knows it.
    pub(crate) fn stall_check(&self) -> Option<Duration> {
        self.stall_timeout.map(|after| (after / 5).max(SHORTEST))
    }

    /// How often an idle connection is asked for a sign of life.
    pub(crate) fn keepalive_period(&self) -> Option<Duration> {
        self.keepalive.map(|after| after.max(SHORTEST))
    }

    /// The time between two looks at a session that lives longer than a lease.
    pub(crate) fn watch_period(&self) -> Duration {
        self.keepalive_period().unwrap_or(Duration::from_secs(30))
    }

    /// How soon something idle can be due.
    pub(crate) fn idle_period(&self) -> Duration {
        let keepalive = self.keepalive.unwrap_or(self.idle_timeout);
        self.idle_timeout.min(keepalive).max(SHORTEST)
    }

    /// The most sessions of leases at a time, with those that are being recovered or closed while
    /// their slots are in use again: a quarter more than connections, at least one.
    pub(crate) fn sessions(&self) -> u32 {
        self.max_connections + self.max_connections.div_ceil(4)
    }

    /// Up to a quarter less than `max_lifetime`, so connections made together do not end together.
    pub(crate) fn lifetime(&self) -> Duration {
        self.max_lifetime.mul_f64(1.0 - random() / 4.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lifetimes_differ_and_stay_below_the_maximum() {
        let settings = Settings::default();
        let max = settings.max_lifetime;
        let lifetimes: Vec<_> = (0..100).map(|_| settings.lifetime()).collect();
        assert!(lifetimes.iter().all(|life| *life <= max && *life >= max.mul_f64(0.749)));
        let (least, most) = (lifetimes.iter().min().unwrap(), lifetimes.iter().max().unwrap());
        assert!(*most - *least > max / 10, "{least:?} to {most:?}");
    }

    /// Of 20 processes that a deployment has started at once.
    #[test]
    fn connections_that_begin_together_do_not_end_together() {
        let settings = Settings { max_lifetime: Duration::from_secs(60), ..Settings::default() };
        let mut in_second = [0; 61];
        for _ in 0..20 * settings.max_connections {
            in_second[settings.lifetime().as_secs() as usize] += 1;
        }
        // 160 over 15 s.
        assert!(in_second.iter().all(|ends| *ends <= 40), "{in_second:?}");
        assert!(in_second.iter().filter(|ends| **ends > 0).count() >= 10, "{in_second:?}");
    }

    #[test]
    fn an_idle_connection_is_not_asked_all_the_time() {
        let settings = Settings { keepalive: Some(Duration::from_nanos(1)), ..Settings::default() };
        assert_eq!(settings.keepalive_period(), Some(SHORTEST));
        assert_eq!(settings.watch_period(), SHORTEST);
    }

    #[test]
    fn each_limit_can_be_added_to_a_time() {
        let most = Some(Duration::MAX);
        let mut settings = Settings {
            acquire_timeout: Duration::MAX,
            queue_target: most,
            connect_timeout: Duration::MAX,
            max_lease: Duration::MAX,
            stall_timeout: most,
            keepalive: most,
            ..Settings::default()
        };
        settings.clamp();
        let Settings { acquire_timeout, connect_timeout, max_lease, .. } = settings;
        let limits = [Some(acquire_timeout), Some(connect_timeout), Some(max_lease)];
        let optional = [settings.queue_target, settings.stall_timeout, settings.keepalive];
        for limit in limits.into_iter().chain(optional) {
            assert_eq!(limit, Some(NEVER));
        }
    }

    #[test]
    fn sessions_are_bounded() {
        for (connections, sessions) in [(1, 2), (4, 5), (8, 10), (9, 12)] {
            let settings = Settings { max_connections: connections, ..Settings::default() };
            assert_eq!(settings.sessions(), sessions);
        }
    }
}
