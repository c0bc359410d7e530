//! Runs cargo, and reads the clocks around it.

use std::env;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};

use super::generate::{Side, Workspace};
use super::phases::Phases;

pub(super) struct Cost {
    pub(super) wall: Duration,
    /// Of cargo, rustc and what they start.
    pub(super) cpu: Duration,
}

pub(super) fn check(workspace: &Workspace, side: Side) -> Cost {
    let (start, before) = (Instant::now(), children());
    cargo(workspace, side, &["check"], None);
    Cost { wall: start.elapsed(), cpu: children() - before }
}

/// Forgets what is known of the crate itself.
pub(super) fn clean(workspace: &Workspace, side: Side) {
    cargo(workspace, side, &["clean"], None);
}

/// As [`check`], with rustc's own account of it. Its artifacts are apart from those of [`check`].
pub(super) fn account(workspace: &Workspace, side: Side) -> Phases {
    Phases::read(&cargo(workspace, side, &["check"], Some(&workspace.time_passes())))
}

/// What it said.
fn cargo(workspace: &Workspace, side: Side, command: &[&str], wrapper: Option<&Path>) -> String {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut cargo = Command::new(cargo);
    cargo.args(command).args(["--offline", "--package", side.name()]);
    cargo.current_dir(workspace.path());
    // Set by the cargo that runs this, for this package: nothing here is about it.
    for (name, _) in env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            cargo.env_remove(&*name);
        }
    }
    cargo.env("CARGO_TARGET_DIR", workspace.target());
    if let Some(wrapper) = wrapper {
        cargo.env("RUSTC_WORKSPACE_WRAPPER", wrapper);
    }
    let output = cargo.output().expect("cargo starts");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{cargo:?}:\n{said}");
    said
}

/// The CPU time of the children that have ended.
fn children() -> Duration {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("this process may ask");
    [usage.user_time(), usage.system_time()]
        .iter()
        .map(|time| Duration::new(time.tv_sec() as u64, time.tv_usec() as u32 * 1000))
        .sum()
}
