use std::fs;
use std::path::Path;

/// Expansions name private items of the runtime. With any other requirement, `cargo update` could pair a new runtime with
/// the macros of an older release.
#[test]
fn the_runtime_asks_for_its_own_macros() {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml");
    let pinned = format!(
        "shortlease-macros = {{ path = \"macros\", version = \"={}\" }}",
        env!("CARGO_PKG_VERSION")
    );
    let manifest = fs::read_to_string(manifest).unwrap();
    assert!(manifest.lines().any(|line| line == pinned), "no line `{pinned}` in Cargo.toml");
}
