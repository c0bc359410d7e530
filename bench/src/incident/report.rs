//! The report of all runs: a table beside the published figures, the targets, a page with plots.

use std::fmt;
use std::fs;
use std::io;
use std::path::Path;

use serde::Serialize;

use crate::table;

use super::figure::{self, Metric, Palette};
use super::limit::Limit;
use super::machine::Machine;
use super::published::{self, Published};
use super::run::Run;
use super::summary::Summary;
use super::targets::Target;
use super::way::Way;

const PAGE: &str = include_str!("page.html");

/// What the runs came to.
#[derive(Debug, Serialize)]
pub struct Report {
    pub(super) command: String,
    pub(super) machine: Machine,
    pub(super) users: u64,
    pub(super) pool: u32,
    /// Of each way, in seconds.
    pub(super) length: f64,
    pub(super) limit: Limit,
    pub(super) targets: Vec<Target>,
    pub(super) runs: Vec<Run>,
}

struct Figure {
    name: &'static str,
    published: fn(&Published) -> &'static str,
    ours: fn(&Run, &Summary) -> String,
}

const NONE: fn(&Published) -> &'static str = |_| "";

const FIGURES: [Figure; 24] = [
    Figure { name: "requests/s", published: |p| p.rate, ours: |_, s| format!("{:.1}", s.rate) },
    Figure {
        name: "connections, most",
        published: |p| p.connections,
        ours: |_, s| s.most.connections.to_string(),
    },
    Figure {
        name: "idle in transaction, most",
        published: |p| p.idle,
        ours: |_, s| s.most.idle_in_transaction.to_string(),
    },
    Figure {
        name: "  of them for over 100 ms",
        published: NONE,
        ours: |_, s| s.most.idle_over_100ms.to_string(),
    },
    Figure {
        name: "active, mean",
        published: |p| p.active,
        ours: |_, s| format!("{:.1}", s.active),
    },
    Figure {
        name: "oldest transaction",
        published: |p| p.oldest,
        ours: |_, s| format!("{:.2} s", s.most.oldest),
    },
    Figure {
        name: "mean hold, most",
        published: |p| p.mean_hold,
        ours: |_, s| format!("{:.3} s", s.most.mean_hold),
    },
    Figure {
        name: "succeeded",
        published: |p| p.succeeded,
        ours: |_, s| format!("{:.2} %", 100.0 * s.succeeded),
    },
    Figure {
        name: "latency p50",
        published: |p| p.p50,
        ours: |r, _| milliseconds(r.totals.latency.p50),
    },
    Figure {
        name: "latency p95",
        published: |p| p.p95,
        ours: |r, _| milliseconds(r.totals.latency.p95),
    },
    Figure {
        name: "latency p99",
        published: NONE,
        ours: |r, _| milliseconds(r.totals.latency.p99),
    },
    Figure {
        name: "added by the server, p50",
        published: NONE,
        ours: |r, _| milliseconds(r.totals.added.p50),
    },
    Figure {
        name: "added by the server, p99",
        published: NONE,
        ours: |r, _| milliseconds(r.totals.added.p99),
    },
    Figure { name: "waiting, most", published: NONE, ours: |_, s| s.waiting.to_string() },
    Figure { name: "pool timeouts", published: NONE, ours: |_, s| s.pool_timeouts.to_string() },
    Figure {
        name: "protocol errors",
        published: |p| p.protocol_errors,
        ours: |_, s| s.protocol_errors.to_string(),
    },
    Figure { name: "calls that count", published: NONE, ours: |_, s| s.calls.to_string() },
    Figure { name: "no answer", published: NONE, ours: |_, s| s.lost.to_string() },
    Figure {
        name: "login p99",
        published: NONE,
        ours: |r, _| milliseconds(r.totals.login.latency.p99),
    },
    Figure {
        name: "/healthz p99",
        published: NONE,
        ours: |r, _| milliseconds(r.totals.health.latency.p99),
    },
    Figure { name: "recorded once", published: NONE, ours: |r, _| r.comparison.to_string() },
    Figure {
        name: "memory of the servers",
        published: NONE,
        ours: |_, s| format!("{} MB", s.memory / (1 << 20)),
    },
    Figure {
        name: "CPU per call, servers",
        published: NONE,
        ours: |_, s| format!("{:.2} ms", s.server_ms),
    },
    Figure {
        name: "CPU per call, PostgreSQL",
        published: NONE,
        ours: |_, s| format!("{:.2} ms", s.database_ms),
    },
];

fn milliseconds(time: f64) -> String {
    if time < 100.0 { format!("{time:.1} ms") } else { format!("{time:.0} ms") }
}

impl Report {
    /// Writes the page, the plots and the figures into a directory.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn write(&self, directory: &Path) -> io::Result<()> {
        fs::create_dir_all(directory)?;
        let json = serde_json::to_vec_pretty(self)?;
        fs::write(directory.join("incident.json"), json)?;
        for (name, metrics) in self.plots() {
            for (theme, palette) in [("light", Palette::LIGHT), ("dark", Palette::DARK)] {
                let svg = self.draw(&metrics, &palette)?;
                fs::write(directory.join(format!("{name}-{theme}.svg")), svg)?;
            }
        }
        fs::write(directory.join("incident.html"), self.page()?)
    }

    fn plots(&self) -> [(&'static str, Vec<Metric>); 5] {
        let throughput = Metric::Throughput { limit: self.limit.calls() };
        [
            ("incident", vec![Metric::Connections, throughput]),
            ("connections", vec![Metric::Connections]),
            ("throughput", vec![throughput]),
            ("added-latency", vec![Metric::Added]),
            ("waiters", vec![Metric::Waiters]),
        ]
    }

    fn draw(&self, metrics: &[Metric], palette: &Palette) -> io::Result<String> {
        figure::draw(&self.runs, metrics, palette)
            .map_err(|error| io::Error::other(error.to_string()))
    }

    fn page(&self) -> io::Result<String> {
        let throughput = Metric::Throughput { limit: self.limit.calls() };
        let all = [Metric::Connections, throughput, Metric::Added, Metric::Waiters];
        Ok(PAGE
            .replace("{light}", &self.draw(&all, &Palette::LIGHT)?)
            .replace("{dark}", &self.draw(&all, &Palette::DARK)?)
            .replace("{report}", &escape(&self.to_string())))
    }

    /// Returns how many calls per second the servers did their part of.
    pub fn rate(&self, way: Way) -> Option<f64> {
        self.runs.iter().find(|run| run.way == way).map(|run| run.totals.rate())
    }

    /// Returns `true` if each way recorded exactly the calls that succeeded.
    pub fn is_recorded_once(&self) -> bool {
        self.runs.iter().all(|run| run.comparison.is_exact() && run.comparison.succeeded > 0)
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Report { command, machine, users, pool, length, limit, .. } = self;
        writeln!(f, "$ {command}")?;
        writeln!(f, "{machine}. {users} users, pool {pool}, {:.1} min each way.", length / 60.0)?;
        writeln!(f, "{limit}")?;
        let ways: Vec<_> = self.runs.iter().map(|run| (run, Summary::of(run))).collect();
        let header = [String::new()].into_iter();
        let header = header.chain(published::ALL.map(|column| column.name.to_owned()));
        let header = header.chain(self.runs.iter().map(|run| run.way.to_string()));
        let mut table = table::new(header.collect::<Vec<_>>());
        let users = published::ALL.map(|column| column.users.to_owned()).into_iter();
        let users = users.chain(self.runs.iter().map(|_| self.users.to_string()));
        table.add_row(["users".to_owned()].into_iter().chain(users));
        for Figure { name, published, ours } in FIGURES {
            let theirs = published::ALL.map(|column| published(&column).to_owned());
            let ours = ways.iter().map(|(run, summary)| ours(run, summary));
            table.add_row([name.to_owned()].into_iter().chain(theirs).chain(ours));
        }
        writeln!(f, "{}\n", table.trim_fmt())?;
        let mut table = table::new(["target", "way", "reached", ""]);
        for Target { way, wanted, reached, met } in &self.targets {
            let met = if *met { "met" } else { "missed" };
            table.add_row([wanted.clone(), way.to_string(), reached.clone(), met.to_owned()]);
        }
        table::left(&mut table, 1);
        write!(f, "{}", table.trim_fmt())
    }
}
