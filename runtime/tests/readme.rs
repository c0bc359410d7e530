//! What the README shows is what the compiler says.

const README: &str = include_str!("../../README.md");
const MISTAKE: &str = include_str!("../../ui-tests/tests/fail/sl001/readme_example.rs");
const ERROR: &str = include_str!("../../ui-tests/tests/fail/sl001/readme_example.stderr");

#[test]
fn the_error_is_the_compilers() {
    assert!(
        README.contains(&format!("```text\n{}\n```", ERROR.trim_end())),
        "README.md shows another error than readme_example.stderr, which says\n{ERROR}"
    );
}

#[test]
fn the_example_is_the_one_that_fails_with_its_line_moved() {
    let (_, example) = README.split_once("```rust\n").expect("an example");
    let (example, _) = example.split_once("```").expect("its end");
    let mut lines: Vec<&str> = example.lines().map(uncommented).collect();
    let at = lines.iter().position(|line| line.contains("ask_backend(&url)")).expect("the line");
    lines.swap(at, at + 1);
    let moved = format!("        {}", lines[at + 1].trim_start());
    lines[at + 1] = &moved;
    assert_eq!(format!("{}\n\nfn main() {{}}\n", lines.join("\n")), MISTAKE);
}

fn uncommented(line: &str) -> &str {
    line.split_once(" // ").map_or(line, |(code, _)| code).trim_end()
}
