//! The rules that know calls by their names: one table each.

pub(crate) mod blocking;
pub(crate) mod raw_access;
pub(crate) mod session_state;
