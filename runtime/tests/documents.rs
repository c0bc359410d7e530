//! What the documents show is what the compiler says.
//!
//! An error in a document names its case: ` --> tests/fail/sl001/sleep.rs:9:9`. It must be that case's
//! `.stderr`, word for word, and the example that fails above it the case's source. After a change of
//! wording: `BLESS=1 cargo test -p shortlease --test documents`.

use std::fs;
use std::path::{Path, PathBuf};

const DOCUMENTS: [&str; 7] = [
    "README.md", "runtime/README.md", "docs/rules.md", "docs/guarantee.md", "docs/cookbook.md",
    "docs/recipes.md", "docs/migration.md",
];

/// The documents that are shown outside of the repository, by docs.rs and crates.io, link to it in full.
const REPOSITORY: &str = "https://github.com/shortlease/shortlease/blob/main/";

#[test]
fn errors_are_the_compilers() {
    let mut wrong = Vec::new();
    for document in DOCUMENTS {
        let path = root().join(document);
        let text = fs::read_to_string(&path).unwrap();
        let mut blessed = text.clone();
        for quoted in blocks(&text, "text").filter(|block| block.contains(CASES)) {
            let (_, source) = case(quoted);
            let error = source.with_extension("stderr");
            let said = fs::read_to_string(&error).unwrap_or_default();
            if quoted != said.trim_end() {
                wrong.push(format!("{document} shows another error than {}", error.display()));
                blessed = blessed.replace(quoted, said.trim_end());
            }
        }
        if std::env::var_os("BLESS").is_some() {
            fs::write(path, blessed).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn examples_that_fail_are_the_cases() {
    let mut wrong = Vec::new();
    for document in DOCUMENTS {
        let text = fs::read_to_string(root().join(document)).unwrap();
        for example in blocks(&text, "rust,compile_fail") {
            let after = &text[text.find(example).unwrap() + example.len()..];
            // Without an error under it, the example is only known not to compile.
            let Some(quoted) = after.strip_prefix("\n```\n\n```text\n") else { continue };
            let (name, source) = case(quoted);
            let source = fs::read_to_string(source).unwrap();
            let (source, _) = source.split_once("\nfn main()").expect("a main function");
            if example != source.trim_end() {
                wrong.push(format!("{document} shows another example than {name}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What a document points to is there.
#[test]
fn links_lead_somewhere() {
    let mut wrong = Vec::new();
    for document in DOCUMENTS {
        let path = root().join(document);
        let text = fs::read_to_string(&path).unwrap();
        for link in text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()) {
            let file = link.split('#').next().unwrap();
            let file = match file.strip_prefix(REPOSITORY) {
                Some(file) => root().join(file),
                None if file.starts_with("https://") => continue,
                None => path.parent().unwrap().join(file),
            };
            if !file.exists() {
                wrong.push(format!("{document}: {link}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A section a code, in order, and in each what is wrong, what the compiler says, and what is right.
#[test]
fn every_rule_has_its_section() {
    let text = fs::read_to_string(root().join("docs/rules.md")).unwrap();
    let sections: Vec<&str> = text.split("\n## ").skip(1).collect();
    assert_eq!(sections.len(), 11);
    for (section, nth) in sections.iter().zip(1..) {
        let code = format!("SL{nth:03}");
        assert!(section.starts_with(&code), "{section}");
        for language in ["rust,compile_fail", "text", "rust"] {
            assert!(blocks(section, language).next().is_some(), "{code} has no {language} block");
        }
        assert!(section.contains("**Way out:**"), "{code}");
        assert!(text.contains(&format!("| [{code}](#{}) |", code.to_lowercase())), "{code}");
    }
}

#[test]
fn the_readmes_example_is_the_one_that_fails_with_its_line_moved() {
    let text = fs::read_to_string(root().join("README.md")).unwrap();
    let example = blocks(&text, "rust").next().expect("an example");
    let mut lines: Vec<&str> = example.lines().map(uncommented).collect();
    let at = lines.iter().position(|line| line.contains("ask_backend(&url)")).expect("the line");
    lines.swap(at, at + 1);
    let moved = format!("        {}", lines[at + 1].trim_start());
    lines[at + 1] = &moved;
    let mistake = root().join("ui-tests/tests/fail/sl001/readme_example.rs");
    let mistake = fs::read_to_string(mistake).unwrap();
    assert_eq!(format!("{}\n\nfn main() {{}}\n", lines.join("\n")), mistake);
}

const CASES: &str = "--> tests/fail/";

/// The case an error names, and its source.
fn case(error: &str) -> (&str, PathBuf) {
    let (_, after) = error.split_once(CASES).expect(error);
    let (name, _) = after.split_once(".rs:").expect(error);
    (name, root().join("ui-tests/tests/fail").join(name).with_extension("rs"))
}

/// What stands between the fences of one language.
fn blocks<'a>(text: &'a str, language: &str) -> impl Iterator<Item = &'a str> {
    let fence = format!("```{language}\n");
    let mut rest = text;
    std::iter::from_fn(move || {
        let (_, after) = rest.split_once(&fence)?;
        let (block, after) = after.split_once("\n```").expect("a closed block");
        rest = after;
        Some(block)
    })
}

fn uncommented(line: &str) -> &str {
    line.split_once(" // ").map_or(line, |(code, _)| code).trim_end()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}
