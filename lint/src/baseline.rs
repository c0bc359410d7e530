//! Findings that are known, so that only new ones fail.

use std::collections::HashMap;
use std::path::Path;

use crate::findings::Finding;

/// How often each known finding occurs.
#[derive(Debug, Default)]
pub struct Baseline {
    known: HashMap<String, usize>,
}

impl Baseline {
    /// Reads a baseline file: one finding's key a line.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn read(path: &Path) -> std::io::Result<Baseline> {
        let mut baseline = Baseline::default();
        for line in std::fs::read_to_string(path)?.lines() {
            if !line.is_empty() && !line.starts_with('#') {
                *baseline.known.entry(line.to_owned()).or_default() += 1;
            }
        }
        Ok(baseline)
    }

    /// Returns the findings that are not known, and the number of those that are.
    pub fn split(mut self, findings: Vec<&Finding>) -> (Vec<&Finding>, usize) {
        let all = findings.len();
        let new: Vec<&Finding> = findings
            .into_iter()
            .filter(|finding| match self.known.get_mut(&finding.key()) {
                Some(left) if *left > 0 => {
                    *left -= 1;
                    false
                }
                _ => true,
            })
            .collect();
        let known = all - new.len();
        (new, known)
    }

    /// Returns the text of a baseline file with these findings.
    pub fn text(findings: &[&Finding]) -> String {
        let mut keys: Vec<String> = findings.iter().map(|finding| finding.key()).collect();
        keys.sort();
        let header = "# Findings of cargo shortlease that are known. New ones fail.\n";
        let lines = keys.into_iter().map(|key| key + "\n");
        std::iter::once(header.to_owned()).chain(lines).collect()
    }
}
