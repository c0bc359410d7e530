//! The order of work for each function with a finding, and a summary that a team can track.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::advice;
use crate::audit::Report;
use crate::findings::{Code, Confidence, Finding, Link, Use};

/// The state of a function that holds a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It holds a connection across something else.
    Held,
    /// It may: the audit is not sure.
    Unknown,
    /// Every await is given the connection.
    Clean,
}

/// One function's part of the plan.
#[derive(Debug, Serialize)]
pub struct Item {
    /// The function.
    pub function: String,
    /// Its file.
    pub file: String,
    /// The line of its name.
    pub line: usize,
    /// Clean, held or unknown.
    pub state: State,
    /// Its findings, a line each, with the calls that lead there.
    pub findings: Vec<String>,
    /// The steps to take, in this order.
    pub steps: Vec<String>,
}

/// The whole plan.
#[derive(Debug, Serialize)]
pub struct Plan {
    /// All functions that hold a connection, those with findings first.
    pub functions: Vec<Item>,
}

impl Plan {
    /// Makes the plan of a report, for some of its findings. A function that has others only is left out.
    pub fn of(report: &Report, findings: &[&Finding]) -> Plan {
        let mut by_function: BTreeMap<(String, usize), Vec<&Finding>> = BTreeMap::new();
        for finding in findings.iter().filter(|finding| finding.code != Code::Sa011) {
            by_function.entry(place(finding)).or_default().push(finding);
        }
        let mut functions: Vec<Item> = by_function.values().map(|list| item(list)).collect();
        let of_all = report.findings.iter().filter(|finding| finding.code != Code::Sa011);
        let with_findings: BTreeSet<(String, usize)> = of_all.map(place).collect();
        for (file, line, function) in &report.holding {
            if !with_findings.contains(&(file.clone(), *line)) {
                functions.push(Item {
                    function: function.clone(),
                    file: file.clone(),
                    line: *line,
                    state: State::Clean,
                    findings: Vec::new(),
                    steps: Vec::new(),
                });
            }
        }
        functions.sort_by(|a, b| (a.state, &a.file, a.line).cmp(&(b.state, &b.file, b.line)));
        Plan { functions }
    }

    /// Returns how many functions are in a state.
    pub fn count(&self, state: State) -> usize {
        self.functions.iter().filter(|item| item.state == state).count()
    }

    /// Renders the plan for people.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for item in self.functions.iter().filter(|item| item.state != State::Clean) {
            text.push_str(&format!("{} ({}:{})\n", item.function, item.file, item.line));
            for finding in &item.findings {
                text.push_str(&format!("    {finding}\n"));
            }
            for (position, step) in item.steps.iter().enumerate() {
                text.push_str(&format!("  {}. {step}\n", position + 1));
            }
            text.push('\n');
        }
        text.push_str(&format!(
            "{} clean, {} held, {} unknown\n",
            self.count(State::Clean),
            self.count(State::Held),
            self.count(State::Unknown)
        ));
        text
    }
}

/// Returns the file and the line of a finding's function.
fn place(finding: &Finding) -> (String, usize) {
    (finding.file.clone(), finding.function_line)
}

fn item(findings: &[&Finding]) -> Item {
    let first = findings[0];
    let sure = findings.iter().any(|finding| finding.confidence != Confidence::Low);
    Item {
        function: first.function.clone(),
        file: first.file.clone(),
        line: first.function_line,
        state: if sure { State::Held } else { State::Unknown },
        findings: findings.iter().map(|finding| line(finding)).collect(),
        steps: steps(findings),
    }
}

fn line(finding: &Finding) -> String {
    let mut text = format!("{} line {}: {}", finding.code.text(), finding.line, finding.message());
    match finding.code {
        Code::Sa005 => text.push_str(&format!(" (open at line {})", finding.subject.line)),
        _ => text.push_str(&format!(" ({})", finding.subject_text)),
    }
    let links = finding.callers.iter().map(|link| ("from", link));
    let links = links.chain(finding.callees.iter().map(|link| ("in", link)));
    for (word, Link { function, file, line }) in links {
        text.push_str(&format!(" {word} {function} ({file}:{line})"));
    }
    text
}

/// Returns the steps: first helpers that take a connection, then the leases, then what stays outside.
fn steps(findings: &[&Finding]) -> Vec<String> {
    let mut steps = Vec::new();
    let leases: Vec<&&Finding> =
        findings.iter().filter(|finding| finding.is_between_statements()).collect();
    if let Some(first) = leases.iter().min_by_key(|finding| finding.line) {
        if first.is_parameter {
            steps.push(format!(
                "split {} at line {}: what is before and after is `#[leased]` and takes `&mut Conn<_>`",
                first.function, first.line
            ));
        } else {
            if !first.helpers.is_empty() {
                let helpers: Vec<String> =
                    first.helpers.iter().map(|helper| format!("`{helper}`")).collect();
                steps.push(format!(
                    "mark with `#[leased]`, as they are given the connection: {}",
                    helpers.join(", ")
                ));
            }
            let scope = advice::scope(first, first.before);
            steps.push(match first.before {
                Use::Nothing => format!(
                    "mark {} with `#[handler]`; nothing before line {} needs a lease",
                    first.function, first.line
                ),
                _ => format!(
                    "mark {} with `#[handler]`; {} the first `{scope}(async |{}| ..)`",
                    first.function,
                    match first.subject.line.saturating_sub(1) {
                        last if last > first.acquired.line => {
                            format!("lines {} to {last} become", first.acquired.line)
                        }
                        _ => format!("line {} becomes", first.acquired.line),
                    },
                    if scope == "db.lease" { "conn" } else { "tx" }
                ),
            });
        }
        for finding in &leases {
            if let Some(loss) = advice::loss(finding) {
                steps.push(format!("line {}: {loss}", finding.line));
            }
            if finding.between_rows {
                steps.push(format!("line {}: {}", finding.line, advice::help(finding)));
            } else if let Some(next) = finding.next_use.filter(|_| finding.after != Use::Nothing) {
                let scope = advice::scope(finding, finding.after);
                steps.push(format!("a `{scope}` for the statements from line {} on", next.line));
            }
        }
        if let Some(recipe) = advice::recipe_of(first) {
            steps.push(format!("see {recipe}"));
        }
    }
    for finding in findings {
        if !finding.is_between_statements() {
            steps.push(format!("line {}: {}", finding.line, advice::help(finding)));
        }
    }
    let mut seen = BTreeSet::new();
    steps.retain(|step| seen.insert(step.clone()));
    steps
}
