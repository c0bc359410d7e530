//! What processes take of the machine.

use procfs::process::{Process, all_processes};

/// Of one process or several.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Usage {
    /// The process that started it.
    pub(super) parent: i32,
    /// In bytes, what of it is in memory now.
    pub(super) memory: u64,
    /// Seconds, with those of its children that have ended.
    pub(super) processor: f64,
}

impl Usage {
    /// Reads what a process takes, unless it has ended.
    pub(super) fn of(pid: i32) -> Option<Usage> {
        let stat = Process::new(pid).ok()?.stat().ok()?;
        let children = stat.cutime.max(0).cast_unsigned() + stat.cstime.max(0).cast_unsigned();
        let ticks = stat.utime + stat.stime + children;
        Some(Usage {
            parent: stat.ppid,
            memory: stat.rss * procfs::page_size(),
            processor: ticks as f64 / procfs::ticks_per_second() as f64,
        })
    }

    pub(super) fn sum(pids: &[i32]) -> Usage {
        pids.iter().filter_map(|pid| Usage::of(*pid)).fold(Usage::default(), Usage::plus)
    }

    fn plus(self, other: Usage) -> Usage {
        Usage {
            parent: self.parent,
            memory: self.memory + other.memory,
            processor: self.processor + other.processor,
        }
    }
}

/// Of a process and its children.
pub(super) fn tree(pid: i32) -> Usage {
    let children = all_processes().into_iter().flatten().filter_map(|process| {
        let pid = process.ok()?.pid;
        Usage::of(pid)
    });
    let children = children.filter(|usage| usage.parent == pid);
    children.fold(Usage::of(pid).unwrap_or_default(), Usage::plus)
}
