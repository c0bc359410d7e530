//! The table `[workspace.metadata.shortlease]`.

use std::path::Path;

use globset::{Glob, GlobSet, GlobSetBuilder};
use serde::Deserialize;

use crate::findings::{Code, Confidence, Finding};

/// The settings of a workspace.
#[derive(Debug, Default)]
pub(crate) struct Config {
    /// Types that hold a connection, by name, beyond those that are found.
    pub guards: Vec<String>,
    /// Types that are pools, by name.
    pub pools: Vec<String>,
    off: Vec<Code>,
    min_confidence: Option<Confidence>,
    exclude: GlobSet,
    /// Mistakes in the table.
    pub problems: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct Table {
    guards: Vec<String>,
    pools: Vec<String>,
    off: Vec<String>,
    min_confidence: Option<Confidence>,
    exclude: Vec<String>,
}

impl Config {
    /// Reads the table. Mistakes in it are kept as problems, so that the run fails.
    pub(crate) fn read(metadata: Option<&serde_json::Value>) -> Config {
        let Some(metadata) = metadata else { return Config::default() };
        let mut config = Config::default();
        let table: Table = match serde_json::from_value(metadata.clone()) {
            Ok(table) => table,
            Err(error) => {
                config.problems.push(format!("metadata.shortlease: {error}"));
                return config;
            }
        };
        for text in &table.off {
            match Code::parse(text) {
                Some(code) => config.off.push(code),
                None => config.problems.push(format!("metadata.shortlease: no code `{text}`")),
            }
        }
        let mut globs = GlobSetBuilder::new();
        for pattern in &table.exclude {
            match Glob::new(pattern) {
                Ok(glob) => drop(globs.add(glob)),
                Err(error) => config.problems.push(format!("metadata.shortlease: {error}")),
            }
        }
        config.exclude = globs.build().unwrap_or_default();
        config.guards = table.guards;
        config.pools = table.pools;
        config.min_confidence = table.min_confidence;
        config
    }

    pub(crate) fn excludes(&self, path: &Path) -> bool {
        self.exclude.is_match(path)
    }

    pub(crate) fn reports(&self, finding: &Finding) -> bool {
        !self.off.contains(&finding.code)
            && self.min_confidence.is_none_or(|least| finding.confidence <= least)
    }
}
