use std::env::{self, VarError};
use std::str::FromStr;
use std::time::Duration;

use crate::{Backend, Builder, Db, Error, Pooler};

impl<DB: Backend> Db<DB> {
    /// Starts the settings of a handle from environment variables that begin with `prefix`.
    ///
    /// `{prefix}_URL` must be set. These may be: `_NAME`, `_APPLICATION_NAME`, `_MAX_CONNECTIONS`, `_MIN_IDLE`,
    /// `_MAX_DEDICATED`, `_INSTANCES`, `_ACQUIRE_TIMEOUT`, `_QUEUE_TARGET`, `_CONNECT_TIMEOUT`, `_MAX_LEASE`,
    /// `_STALL_TIMEOUT`, `_STATEMENT_TIMEOUT`, `_IDLE_IN_TRANSACTION_TIMEOUT`, `_VALIDATE_AFTER`, `_IDLE_TIMEOUT`,
    /// `_KEEPALIVE`, `_MAX_LIFETIME`, `_MIGRATION_LOCK_TIMEOUT`, and `_POOLER` (`transaction` or
    /// `transaction_with_prepared_statements`). Each is the method of [`Builder`] that has its name. Durations have a unit: `500ms`, `8s`,
    /// `30m`, `1h`. For a queue target, a stall timeout, a keepalive, an idle timeout and
    /// a longest lifetime, `off` is `None`.
    ///
    /// ```no_run
    /// # use shortlease::{Db, Error, Sqlite};
    /// # async fn open() -> Result<Db<Sqlite>, Error> {
    /// // DATABASE_URL=sqlite://tools.db DATABASE_MAX_CONNECTIONS=4 DATABASE_MAX_LEASE=5s
    /// Db::<Sqlite>::builder_from_env("DATABASE")?.connect().await
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] for a variable that is missing or cannot be read, with the variable's name. It
    /// repeats a value only if that should be a number, a duration or a pooler.
    pub fn builder_from_env(prefix: &str) -> Result<Builder<DB>, Error> {
        read(prefix, |name| env::var(name))
    }
}

/// Reads the settings from variables.
fn read<DB: Backend>(
    prefix: &str,
    variable: impl Fn(&str) -> Result<String, VarError>,
) -> Result<Builder<DB>, Error> {
    let name = |setting: &str| format!("{prefix}_{}", setting.to_uppercase());
    let get = |setting: &'static str| {
        let name = name(setting);
        match variable(&name) {
            Ok(value) => Ok(Some(value)),
            Err(VarError::NotPresent) => Ok(None),
            Err(VarError::NotUnicode(_)) => {
                Err(Error::setting(setting, format!("is not UTF-8 in `{name}`")))
            }
        }
    };
    let refused = |setting: &'static str, value: &str, want: &str| {
        let name = name(setting);
        Error::setting(setting, format!("is {value:?} in `{name}`; {want}"))
    };
    let number = |setting| number(get(setting)?, |value| refused(setting, value, "write a number"));
    let duration = |setting| {
        let want = "write a duration with its unit, such as `500ms`, `8s`, `30m` or `1h`";
        duration(get(setting)?, |value| refused(setting, value, want))
    };
    let duration_or_off = |setting| match get(setting)?.as_deref() {
        Some("off") => Ok(Some(None)),
        _ => duration(setting).map(|duration| duration.map(Some)),
    };
    let Some(url) = get("url")? else {
        let reason = format!("is missing: set `{}`", name("url"));
        return Err(Error::setting("url", reason));
    };
    let mut builder = Db::builder(url);
    macro_rules! set {
        ($($setting:ident: $read:expr,)*) => {$(
            if let Some(value) = $read(stringify!($setting))? {
                builder = builder.$setting(value);
            }
        )*};
    }
    set! {
        name: get,
        application_name: get,
        max_connections: number,
        min_idle: number,
        max_dedicated: number,
        instances: number,
        acquire_timeout: duration,
        queue_target: duration_or_off,
        connect_timeout: duration,
        max_lease: duration,
        stall_timeout: duration_or_off,
        statement_timeout: duration,
        idle_in_transaction_timeout: duration,
        validate_after: duration,
        idle_timeout: duration_or_off,
        keepalive: duration_or_off,
        max_lifetime: duration_or_off,
        migration_lock_timeout: duration,
    }
    match get("pooler")?.as_deref() {
        None => Ok(builder),
        Some("transaction") => Ok(builder.pooler(Pooler::Transaction)),
        Some("transaction_with_prepared_statements") => {
            Ok(builder.pooler(Pooler::TransactionWithPreparedStatements))
        }
        Some(other) => {
            let want = "write `transaction` or `transaction_with_prepared_statements`";
            Err(refused("pooler", other, want))
        }
    }
}

fn number(value: Option<String>, refused: impl Fn(&str) -> Error) -> Result<Option<u32>, Error> {
    value.map(|value| u32::from_str(value.trim()).map_err(|_| refused(&value))).transpose()
}

fn duration(
    value: Option<String>,
    refused: impl Fn(&str) -> Error,
) -> Result<Option<Duration>, Error> {
    value
        .map(|value| humantime::parse_duration(value.trim()).map_err(|_| refused(&value)))
        .transpose()
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn read_from(variables: &[(&str, &str)]) -> Result<Builder<crate::Sqlite>, Error> {
        let variables: BTreeMap<&str, &str> = variables.iter().copied().collect();
        let value = |name: &str| variables.get(name).map(ToString::to_string);
        read("DATABASE", |name| value(name).ok_or(VarError::NotPresent))
    }

    /// The settings as the docs list them, each with its value.
    fn settings(builder: &Builder<crate::Sqlite>) -> Vec<String> {
        let printed = format!("{builder:?}");
        printed
            .split(['{', '}'])
            .nth(2)
            .unwrap()
            .split(',')
            .map(|set| set.trim().to_owned())
            .collect()
    }

    #[test]
    fn every_setting_can_be_set() {
        let set = read_from(&[
            ("DATABASE_URL", "sqlite::memory:"),
            ("DATABASE_NAME", "tools"),
            ("DATABASE_APPLICATION_NAME", "gateway"),
            ("DATABASE_MAX_CONNECTIONS", "4"),
            ("DATABASE_MIN_IDLE", "1"),
            ("DATABASE_MAX_DEDICATED", "2"),
            ("DATABASE_INSTANCES", "3"),
            ("DATABASE_ACQUIRE_TIMEOUT", "1s"),
            ("DATABASE_QUEUE_TARGET", "100ms"),
            ("DATABASE_CONNECT_TIMEOUT", "2s"),
            ("DATABASE_MAX_LEASE", "3s"),
            ("DATABASE_STALL_TIMEOUT", "off"),
            ("DATABASE_STATEMENT_TIMEOUT", "4s"),
            ("DATABASE_IDLE_IN_TRANSACTION_TIMEOUT", "5s"),
            ("DATABASE_VALIDATE_AFTER", "6ms"),
            ("DATABASE_IDLE_TIMEOUT", "1h 30m"),
            ("DATABASE_KEEPALIVE", "off"),
            ("DATABASE_MAX_LIFETIME", "off"),
            ("DATABASE_MIGRATION_LOCK_TIMEOUT", "8s"),
            ("DATABASE_POOLER", "transaction"),
        ])
        .unwrap();
        let written = Db::<crate::Sqlite>::builder("sqlite::memory:")
            .name("tools")
            .application_name("gateway")
            .max_connections(4)
            .min_idle(1)
            .max_dedicated(2)
            .instances(3)
            .acquire_timeout(Duration::from_secs(1))
            .queue_target(Duration::from_millis(100))
            .connect_timeout(Duration::from_secs(2))
            .max_lease(Duration::from_secs(3))
            .stall_timeout(None)
            .statement_timeout(Duration::from_secs(4))
            .idle_in_transaction_timeout(Duration::from_secs(5))
            .validate_after(Duration::from_millis(6))
            .idle_timeout(Duration::from_secs(90 * 60))
            .keepalive(None)
            .max_lifetime(None)
            .migration_lock_timeout(Duration::from_secs(8))
            .pooler(Pooler::Transaction);
        assert_eq!(settings(&set), settings(&written));
        let default = settings(&Db::<crate::Sqlite>::builder("sqlite::memory:"));
        let in_code: Vec<_> =
            default.iter().filter(|setting| settings(&set).contains(setting)).collect();
        let names = in_code.iter().filter_map(|setting| setting.split(':').next());
        let names: Vec<_> = names.filter(|name| *name != "test_transaction").collect();
        assert_eq!(names, ["setting", "credentials"]);
    }

    #[test]
    fn what_is_not_set_keeps_its_default() {
        let set = read_from(&[("DATABASE_URL", "sqlite::memory:")]).unwrap();
        let default = Db::<crate::Sqlite>::builder("sqlite::memory:");
        assert_eq!(format!("{set:?}"), format!("{default:?}"));
    }

    #[test]
    fn a_bad_value_names_its_variable() {
        for (variable, value) in [
            ("DATABASE_MAX_CONNECTIONS", "many"),
            ("DATABASE_MAX_CONNECTIONS", "-1"),
            ("DATABASE_INSTANCES", "5000000000"),
            ("DATABASE_ACQUIRE_TIMEOUT", "8"),
            ("DATABASE_KEEPALIVE", "never"),
            ("DATABASE_POOLER", "session"),
        ] {
            let variables = [("DATABASE_URL", "sqlite::memory:"), (variable, value)];
            let error = read_from(&variables).unwrap_err().to_string();
            assert!(error.contains(variable) && error.contains(value), "{error}");
        }
        let not_text = |name: &str| match name {
            "DATABASE_URL" => Ok("sqlite::memory:".to_owned()),
            "DATABASE_MAX_LEASE" => Err(VarError::NotUnicode("5s".into())),
            _ => Err(VarError::NotPresent),
        };
        let error = read::<crate::Sqlite>("DATABASE", not_text).unwrap_err();
        assert!(matches!(error, Error::Setting { setting: "max_lease", .. }), "{error}");
        assert!(error.to_string().contains("DATABASE_MAX_LEASE"), "{error}");
        let error = read_from(&[]).unwrap_err().to_string();
        assert!(error.contains("DATABASE_URL"), "{error}");
    }
}
