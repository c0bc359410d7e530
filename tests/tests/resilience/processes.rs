//! Several processes that start on one SQLite file.

use std::process::Command;

/// More than a few take `cargo run -p shortlease-tests --bin processes -- 100`.
const ROUNDS: &str = "6";

#[test]
fn eight_open_migrate_and_write_a_fresh_file() {
    let output = Command::new(env!("CARGO_BIN_EXE_processes")).arg(ROUNDS).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
}
