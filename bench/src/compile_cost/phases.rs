//! Where rustc's time and memory go, by its own account.

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

/// What rustc says of one run.
#[derive(Debug)]
pub(super) struct Phases {
    /// Each phase with its seconds, and the rest.
    pub(super) times: Vec<(&'static str, f64)>,
    /// The memory at the end of the pass that had the most, in bytes.
    pub(super) memory: u64,
}

#[derive(Deserialize)]
struct Pass {
    pass: String,
    time: f64,
    rss_end: Option<u64>,
}

impl Phases {
    /// Out of what rustc said with `-Ztime-passes`.
    pub(super) fn read(said: &str) -> Phases {
        let passes: Vec<Pass> = said
            .lines()
            .filter_map(|line| serde_json::from_str(line.strip_prefix("time: ")?).ok())
            .collect();
        let memory = passes.iter().filter_map(|pass| pass.rss_end).max();
        let passes: HashMap<String, f64> =
            passes.into_iter().map(|Pass { pass, time, .. }| (pass, time)).collect();
        let time = |pass: &str| {
            *passes.get(pass).unwrap_or_else(|| panic!("rustc did not time `{pass}`:\n{said}"))
        };
        let mut times: Vec<_> = PHASES
            .iter()
            .map(|(name, of)| (*name, of.iter().map(|pass| time(pass)).sum()))
            .collect();
        let known: f64 = times.iter().map(|(_, time)| time).sum();
        times.push(("the rest", time("total") - known));
        Phases { times, memory: memory.expect("rustc says how much memory it has") }
    }
}
