//! docs/recipes.md, docs/migration.md and docs/cookbook.md show these files.

use std::fs;
use std::path::Path;

/// Begins the part of a file that a document does not show.
const TESTS: &str = "\n// Tests.\n";

/// Names the file that the next block shows.
const SHOWS: &str = "<!-- tests/tests/";

/// Returns the document with the files that it names as they are now.
fn with_current_files(root: &Path, document: &str) -> String {
    let mut parts = document.split(SHOWS);
    let mut current = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once(" -->\n\n```rust\n").expect("a block of Rust");
        let (_, after) = rest.split_once("\n```\n").expect("the end of the block");
        let source = fs::read_to_string(root.join("tests/tests").join(name)).expect(name);
        let shown = source.split_once(TESTS).map_or(&*source, |(shown, _)| shown).trim_end();
        current += &format!("{SHOWS}{name} -->\n\n```rust\n{shown}\n```\n{after}");
    }
    current
}

/// After a change of an example: `BLESS=1 cargo test -p shortlease-tests --test recipes documents`.
#[test]
fn documents_show_the_examples() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    let documents = [("docs/recipes.md", 9), ("docs/migration.md", 10), ("docs/cookbook.md", 1)];
    for (document, at_least) in documents {
        let path = root.join(document);
        let written = fs::read_to_string(&path).expect(document);
        assert!(written.matches(SHOWS).count() >= at_least, "{document} shows too few");
        let current = with_current_files(root, &written);
        if std::env::var_os("BLESS").is_some() {
            fs::write(&path, current).expect(document);
        } else {
            assert!(written == current, "{document} shows another example than its file");
        }
    }
}
