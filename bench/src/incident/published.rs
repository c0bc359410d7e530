//! The incident as it was published, the fix that was aimed at, and what the fix came to.

/// One column of published figures.
#[derive(Clone, Copy, Debug)]
pub(super) struct Published {
    pub(super) name: &'static str,
    pub(super) users: &'static str,
    pub(super) connections: &'static str,
    pub(super) idle: &'static str,
    pub(super) active: &'static str,
    pub(super) oldest: &'static str,
    pub(super) mean_hold: &'static str,
    pub(super) rate: &'static str,
    pub(super) succeeded: &'static str,
    pub(super) p50: &'static str,
    pub(super) p95: &'static str,
    pub(super) protocol_errors: &'static str,
}

const UNSAID: Published = Published {
    name: "",
    users: "",
    connections: "",
    idle: "",
    active: "",
    oldest: "",
    mean_hold: "",
    rate: "",
    succeeded: "",
    p50: "",
    p95: "",
    protocol_errors: "",
};

pub(super) const ALL: [Published; 3] = [
    Published {
        name: "published: incident",
        users: "4000",
        connections: "617",
        idle: "402",
        active: "1",
        oldest: "243 s",
        mean_hold: "167 s",
        rate: "2180 to 250",
        protocol_errors: "yes",
        ..UNSAID
    },
    Published {
        name: "aimed at",
        idle: "under 20",
        oldest: "under 5 s",
        protocol_errors: "0",
        ..UNSAID
    },
    Published {
        name: "after the fix",
        succeeded: "99.81 %",
        p50: "450 ms",
        p95: "4300 ms",
        ..UNSAID
    },
];
