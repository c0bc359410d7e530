use std::fmt;

use crate::Error;
use crate::settings::Settings;

/// The number of sessions that a database can take, and the limit that says so.
#[doc(hidden)]
#[derive(Clone, Debug)]
pub struct Capacity {
    pub(crate) sessions: u32,
    pub(crate) limit: String,
}

#[cfg(any(feature = "mysql", feature = "postgres"))]
impl Capacity {
    pub(crate) fn new(sessions: impl TryInto<u32>, limit: String) -> Self {
        Capacity { sessions: sessions.try_into().unwrap_or(0), limit }
    }
}

/// The most sessions that all instances together may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Demand {
    instances: u32,
    each: u32,
}

impl Demand {
    pub(crate) fn of(settings: &Settings) -> Self {
        // The last one cancels and terminates others.
        let each = settings.sessions().saturating_add(settings.max_dedicated).saturating_add(1);
        Demand { instances: settings.instances.unwrap_or(1), each }
    }

    fn sessions(self) -> u64 {
        u64::from(self.each) * u64::from(self.instances)
    }

    /// Refuses a demand that does not fit, if the number of instances is set. Otherwise only reports it.
    pub(crate) fn check(self, capacity: &Capacity, settings: &Settings) -> Result<(), Error> {
        if self.sessions() <= capacity.sessions.into() {
            return Ok(());
        }
        let reason = format!(
            "asks for {self}, but there is room for {} only: {}",
            capacity.sessions, capacity.limit
        );
        if settings.instances.is_none() {
            tracing::warn!(%reason, "`max_connections` may not fit the server");
            return Ok(());
        }
        let fits = (1..settings.max_connections).rev().find(|connections| {
            let smaller = Settings { max_connections: *connections, ..settings.clone() };
            Demand::of(&smaller).sessions() <= capacity.sessions.into()
        });
        let advice = match fits {
            Some(connections) => format!("{connections} would fit"),
            None => "not even 1 would fit; run fewer `instances`, or raise that limit".to_owned(),
        };
        Err(Error::setting("max_connections", format!("{reason}; {advice}")))
    }
}

impl fmt::Display for Demand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "up to {} sessions: {} instances of {}, with those that are recovered, dedicated, or \
             cancel others",
            self.sessions(),
            self.instances,
            self.each
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_refused_with_what_would() {
        let settings = Settings { max_connections: 8, instances: Some(4), ..Settings::default() };
        // 8, a quarter more, one dedicated, one to cancel.
        assert_eq!(Demand::of(&settings), Demand { instances: 4, each: 12 });
        let capacity = |sessions| Capacity { sessions, limit: "a limit".into() };
        Demand::of(&settings).check(&capacity(48), &settings).unwrap();
        let refused =
            Demand::of(&settings).check(&capacity(47), &settings).unwrap_err().to_string();
        assert!(refused.contains("`max_connections` asks for up to 48 sessions"), "{refused}");
        assert!(refused.ends_with("room for 47 only: a limit; 7 would fit"), "{refused}");
        let refused = Demand::of(&settings).check(&capacity(3), &settings).unwrap_err().to_string();
        assert!(refused.contains("not even 1 would fit"), "{refused}");
    }

    #[test]
    fn without_instances_it_is_only_reported() {
        let settings = Settings { max_connections: 8, ..Settings::default() };
        let capacity = Capacity { sessions: 1, limit: "a limit".into() };
        Demand::of(&settings).check(&capacity, &settings).unwrap();
    }
}
