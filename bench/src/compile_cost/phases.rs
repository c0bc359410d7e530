//! Where rustc's time goes, by its own account.

use std::collections::HashMap;

use serde::Deserialize;

/// Names for the table, and rustc's for what is in them: none is within another.
const PHASES: [(&str, &[&str]); 5] = [
    ("expand macros", &["macro_expand_crate"]),
    ("resolve names", &["resolve_crate"]),
    ("check types", &["type_check_crate"]),
    ("check borrows", &["MIR_borrow_checking"]),
    ("metadata, incremental data", &["generate_crate_metadata", "serialize_dep_graph"]),
];

/// Each with its seconds, and the rest.
#[derive(Debug)]
pub(super) struct Phases(pub(super) Vec<(&'static str, f64)>);

#[derive(Deserialize)]
struct Pass {
    pass: String,
    time: f64,
}

impl Phases {
    /// Out of what rustc said with `-Ztime-passes`.
    pub(super) fn read(said: &str) -> Phases {
        let passes: HashMap<String, f64> = said
            .lines()
            .filter_map(|line| serde_json::from_str(line.strip_prefix("time: ")?).ok())
            .map(|Pass { pass, time }| (pass, time))
            .collect();
        let time = |pass: &str| {
            *passes.get(pass).unwrap_or_else(|| panic!("rustc did not time `{pass}`:\n{said}"))
        };
        let mut phases: Vec<_> = PHASES
            .iter()
            .map(|(name, of)| (*name, of.iter().map(|pass| time(pass)).sum()))
            .collect();
        let known: f64 = phases.iter().map(|(_, time)| time).sum();
        phases.push(("the rest", time("total") - known));
        Phases(phases)
    }
}
