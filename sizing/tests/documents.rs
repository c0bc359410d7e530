//! docs/operating.md shows the plan that the example prints.

#[expect(dead_code, reason = "the main function of the example")]
#[path = "../examples/plan.rs"]
mod plan;

const PAGE: &str = include_str!("../../docs/operating.md");

#[test]
fn the_page_shows_the_plan_of_the_example() {
    let printed = plan::example().unwrap().to_string();
    let lines: Vec<_> = printed.lines().map(str::trim_end).collect();
    let shown = format!("```text\n{}\n```", lines.join("\n"));
    assert!(PAGE.contains(&shown), "docs/operating.md does not show\n{shown}");
}
