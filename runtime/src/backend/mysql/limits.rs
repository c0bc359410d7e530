use std::time::Duration;

use crate::backend::driver::Sessions;
use crate::settings::Settings;

/// MariaDB's greatest value of a limit in seconds, a year.
const LONGEST: u64 = 31_536_000;

/// Writes the statements that prepare a session of ours for leases, in front of others. The shorter limit
/// counts if the server has one.
pub(super) fn of_session(settings: &Settings, sessions: Sessions) -> String {
    if sessions.are_shared {
        // Others would find them.
        return String::new();
    }
    let statement = settings.statement_timeout();
    let millis = statement.as_millis().clamp(1, u128::from(LONGEST) * 1_000);
    let millis = u64::try_from(millis).unwrap_or(u64::MAX);
    let idle = match sessions.limit_idle_transactions {
        true => {
            format!(
                ", idle_transaction_timeout={}",
                seconds(settings.idle_in_transaction_timeout())
            )
        }
        false => String::new(),
    };
    let wait = seconds(statement);
    // MySQL limits the time of a SELECT only. Other statements that take long wait for locks, as a rule. `LEAST` of a
    // variable and a number is no integer in MySQL, and these variables take only integers.
    format!(
        "SET SESSION autocommit=1 \
         /*M! , max_statement_time={} {idle} */ \
         /*!50704 , max_execution_time=CAST({} AS UNSIGNED), \
         innodb_lock_wait_timeout=CAST(LEAST(@@innodb_lock_wait_timeout, {wait}) AS UNSIGNED), \
         lock_wait_timeout=CAST(LEAST(@@lock_wait_timeout, {wait}) AS UNSIGNED) */; ",
        shorter("max_statement_time", &format!("{}.{:03}", millis / 1_000, millis % 1_000)),
        shorter("max_execution_time", &millis.min(u64::from(u32::MAX)).to_string()),
    )
}

/// A variable's own value, if it is a limit and shorter than this one.
fn shorter(variable: &str, limit: &str) -> String {
    format!("LEAST(COALESCE(NULLIF(@@{variable}, 0), {limit}), {limit})")
}

/// Whole seconds, at least one.
pub(super) fn seconds(limit: Duration) -> u64 {
    let seconds = limit.as_secs().saturating_add(u64::from(limit.subsec_nanos() > 0));
    seconds.clamp(1, LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: Sessions = Sessions { are_shared: false, limit_idle_transactions: true };

    #[test]
    fn each_server_reads_its_own_part() {
        let sql = of_session(&Settings::default(), OWN);
        let (before, rest) = sql.split_once("/*M!").unwrap();
        let (mariadb, rest) = rest.split_once("*/").unwrap();
        let (mysql, after) = rest.split_once("/*!50704").unwrap().1.split_once("*/").unwrap();
        assert_eq!((before.trim(), after), ("SET SESSION autocommit=1", "; "));
        let limit =
            "max_statement_time=LEAST(COALESCE(NULLIF(@@max_statement_time, 0), 11.000), 11.000)";
        assert_eq!(mariadb.trim(), format!(", {limit} , idle_transaction_timeout=11"));
        let limit = "max_execution_time=\
            CAST(LEAST(COALESCE(NULLIF(@@max_execution_time, 0), 11000), 11000) AS UNSIGNED)";
        // MySQL takes no number of another type than the variable's.
        assert_eq!(mysql.matches("=CAST(LEAST(").count(), 3, "{mysql}");
        assert!(
            mysql.trim().starts_with(&format!(", {limit}, innodb_lock_wait_timeout=")),
            "{mysql}"
        );
    }

    #[test]
    fn nothing_is_set_on_sessions_of_others() {
        let shared = Sessions { are_shared: true, ..OWN };
        assert_eq!(of_session(&Settings::default(), shared), "");
    }

    #[test]
    fn limits_are_within_what_the_server_takes() {
        for (limit, whole) in
            [(Duration::ZERO, 1), (Duration::from_millis(1_001), 2), (Duration::MAX, LONGEST)]
        {
            assert_eq!(seconds(limit), whole);
        }
    }
}
