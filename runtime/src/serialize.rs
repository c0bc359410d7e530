//! The state of a pool as data, for pages and logs. Durations are in milliseconds.

use std::time::Duration;

use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::{Busy, CallSite, LeaseInfo, Status, WaitPhase};

/// `{"function": "app::tools::call", "file": "src/tools.rs", "line": 12}`; the function is `null` for the
/// one-statement calls of a session.
impl Serialize for CallSite {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("CallSite", 3)?;
        fields.serialize_field("function", &self.function())?;
        fields.serialize_field("file", self.file())?;
        fields.serialize_field("line", &self.line())?;
        fields.end()
    }
}

/// `{"site": .., "age_ms": 1200, "in_query": true, "tenant": null}`.
impl Serialize for LeaseInfo {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("LeaseInfo", 4)?;
        fields.serialize_field("site", &self.site)?;
        fields.serialize_field("age_ms", &millis(self.age))?;
        fields.serialize_field("in_query", &self.in_query)?;
        fields.serialize_field("tenant", &self.tenant.as_deref())?;
        fields.end()
    }
}

/// `{"max": 8, "used": 3, "idle": 2, "waiting": 0, "recovering": 0}`.
impl Serialize for Status {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Status { max, used, idle, waiting, recovering } = self;
        let mut fields = serializer.serialize_struct("Status", 5)?;
        fields.serialize_field("max", max)?;
        fields.serialize_field("used", used)?;
        fields.serialize_field("idle", idle)?;
        fields.serialize_field("waiting", waiting)?;
        fields.serialize_field("recovering", recovering)?;
        fields.end()
    }
}

/// The phase, the figures and the holders, without their tenants and without the error of a connect, because the
/// text may reach another.
impl Serialize for Busy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Busy { phase, waited, setting, max, used, idle, recovering, waiting, holders, .. } =
            self;
        let anonymous = |holder: &LeaseInfo| LeaseInfo { tenant: None, ..holder.clone() };
        let holders: Vec<LeaseInfo> = holders.iter().map(anonymous).collect();
        let mut fields = serializer.serialize_struct("Busy", 9)?;
        fields.serialize_field("phase", phase)?;
        fields.serialize_field("waited_ms", &millis(*waited))?;
        fields.serialize_field("setting", setting)?;
        fields.serialize_field("max", max)?;
        fields.serialize_field("used", used)?;
        fields.serialize_field("idle", idle)?;
        fields.serialize_field("recovering", recovering)?;
        fields.serialize_field("waiting", waiting)?;
        fields.serialize_field("holders", &holders)?;
        fields.end()
    }
}

/// The name of the phase, such as `"write_lock"`.
impl Serialize for WaitPhase {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Not every format has integers of 128 bits.
fn millis(duration: Duration) -> u64 {
    duration.as_millis().try_into().unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_names_and_units_are_stable() {
        let site = CallSite::caller();
        let (file, line) = (site.file(), site.line());
        let age = Duration::from_millis(1200);
        let lease = LeaseInfo { site, age, in_query: true, tenant: Some("acme".into()) };
        let site = json!({ "function": null, "file": file, "line": line });
        assert_eq!(
            serde_json::to_value(&lease).unwrap(),
            json!({ "site": site, "age_ms": 1200, "in_query": true, "tenant": "acme" })
        );
        let busy = Busy {
            phase: WaitPhase::WriteLock,
            waited: Duration::from_secs(8),
            setting: Busy::ACQUIRE_TIMEOUT,
            max: 4,
            used: 3,
            idle: 1,
            recovering: 0,
            waiting: 2,
            connect_error: None,
            holders: vec![lease],
        };
        assert_eq!(
            serde_json::to_value(&busy).unwrap(),
            json!({
                "phase": "write_lock", "waited_ms": 8000, "setting": "acquire_timeout", "max": 4, "used": 3, "idle": 1,
                "recovering": 0, "waiting": 2,
                "holders": [{ "site": site, "age_ms": 1200, "in_query": true, "tenant": null }],
            })
        );
        let status = Status { max: 4, used: 3, idle: 1, waiting: 2, recovering: 0 };
        assert_eq!(
            serde_json::to_value(status).unwrap(),
            json!({ "max": 4, "used": 3, "idle": 1, "waiting": 2, "recovering": 0 })
        );
    }
}
