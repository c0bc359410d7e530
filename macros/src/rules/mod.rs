//! The rules that know calls by their names, and SQL by its words: one table each.

pub(crate) mod blocking;
pub(crate) mod parked;
pub(crate) mod raw_access;
pub(crate) mod session_state;
pub(crate) mod sql;
pub(crate) mod transaction_state;
