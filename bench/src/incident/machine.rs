//! The machine of a run.

use std::fmt;

use procfs::{CpuInfo, Current, Meminfo};
use serde::Serialize;

/// As the report names it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Machine {
    /// What the processor calls itself.
    pub processor: String,
    /// Processors that the run could use.
    pub cores: usize,
    /// In bytes.
    pub memory: u64,
}

impl Machine {
    /// The one that this runs on.
    pub(super) fn this() -> Machine {
        let processor = CpuInfo::current().ok();
        let processor = processor.as_ref().and_then(|info| info.model_name(0));
        Machine {
            processor: processor.unwrap_or("unknown").to_owned(),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            memory: Meminfo::current().map_or(0, |memory| memory.mem_total),
        }
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let gigabytes = self.memory / (1 << 30);
        write!(f, "{} cores of {}, {gigabytes} GB of memory", self.cores, self.processor)
    }
}
