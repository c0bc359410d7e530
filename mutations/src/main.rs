//! Breaks each rule in turn, in a copy of the tree, and shows the test that notices.
//!
//! `mutations.toml` lists the mutations. Fails when a named test does not notice its mutation, when the
//! text to break is not in its file exactly once, and when the broken tree does not compile.
//!
//! ```text
//! cargo run -p shortlease-mutations              # all
//! cargo run -p shortlease-mutations -- SL003     # those of one rule or concern
//! cargo run -p shortlease-mutations -- --quick   # of each rule the first, as scripts/test does, without integration tests
//! ```

use std::process::ExitCode;

use anyhow::{Context, Result, ensure};

use crate::outcome::Outcome;
use crate::tree::Tree;

mod mutation;
mod outcome;
mod tree;

fn main() -> Result<ExitCode> {
    let mut mutations = mutation::all().context("mutations.toml")?;
    match std::env::args().nth(1).as_deref() {
        None => {}
        Some("--quick") => mutations = mutation::first_of_each_rule(mutations),
        Some(rule) => mutations.retain(|mutation| mutation.rule == rule),
    }
    ensure!(!mutations.is_empty(), "no mutation breaks that rule");
    let tree = Tree::copy().context("the copy of the tree")?;
    for tests in mutation::tests_by_target(&mutations) {
        let outcome = tree.test_unbroken(&tests)?;
        ensure!(outcome == Outcome::Passed, "nothing is broken yet, and {outcome}");
    }
    let mut all_noticed = true;
    for mutation in &mutations {
        let outcome = tree.break_and_test(mutation)?;
        all_noticed &= matches!(outcome, Outcome::Failed { .. });
        println!("{:<8} {:<55} {outcome}", mutation.rule, mutation.breaks);
    }
    Ok(if all_noticed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
