//! The report for people, as rustc would write it.

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use crate::advice;
use crate::allow;
use crate::audit::Report;
use crate::findings::{Code, Finding, Link, Severity, Waits};
use crate::source::SourceFile;
use crate::syntax::Span;

/// Renders findings, in colour if asked to.
pub fn human(report: &Report, findings: &[&Finding], colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let mut text = String::new();
    for finding in findings {
        text.push_str(&one(&report.files[finding.file_index], finding, &renderer));
        text.push_str("\n\n");
    }
    text
}

fn one(file: &SourceFile, finding: &Finding, renderer: &Renderer) -> String {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let mut snippet = Snippet::source(file.text.as_str())
        .path(finding.file.as_str())
        .annotation(AnnotationKind::Primary.span(range(file, finding.span)).label(label(finding)));
    if let Some(taken) = finding.taken() {
        let acquired = range(file, finding.acquired.span);
        snippet = snippet.annotation(AnnotationKind::Context.span(acquired).label(taken));
    }
    if finding.code == Code::Sa005 {
        let open = range(file, finding.subject.span);
        snippet =
            snippet.annotation(AnnotationKind::Context.span(open).label("still open at this end"));
    } else if let Some(next) = finding.next_use {
        let next = range(file, next.span);
        snippet = snippet.annotation(AnnotationKind::Context.span(next).label("next used here"));
    }
    let mut group = level.primary_title(finding.message()).id(finding.code.text()).element(snippet);
    for line in chain(finding) {
        group = group.element(Level::NOTE.message(line));
    }
    if finding.chained > 0 {
        let more = plural(finding.chained, "more await");
        group = group.element(Level::NOTE.message(format!("the same chain of calls has {more}")));
    }
    if let Some(note) = advice::note(finding) {
        group = group.element(Level::NOTE.message(note));
    }
    group = group.element(Level::HELP.message(advice::help(finding)));
    if let Some(recipe) = advice::recipe_of(finding) {
        group = group.element(Level::HELP.message(format!("recipe: {recipe}")));
    }
    renderer.render(&[group])
}

fn label(finding: &Finding) -> String {
    match finding.code {
        Code::Sa006 if finding.waits == Waits::Nothing => {
            format!("held while `{}` reads the body", finding.subject_text)
        }
        Code::Sa001 | Code::Sa003 | Code::Sa009 | Code::Sa007 | Code::Sa006 => {
            format!("`{}` waits for {}", finding.subject_text, finding.waits.words())
        }
        Code::Sa002 => "another connection is taken".to_owned(),
        Code::Sa004 => "blocks the thread".to_owned(),
        Code::Sa005 => "begun here".to_owned(),
        Code::Sa008 => "may drop the future before `begin()` is answered".to_owned(),
        Code::Sa010 => "held until the reader asks for more".to_owned(),
        Code::Sa011 => allow::fault(&finding.subject_text),
    }
}

/// Returns the chains of calls, a line each.
fn chain(finding: &Finding) -> Vec<String> {
    let mut lines = Vec::new();
    if !finding.callers.is_empty() {
        let steps: Vec<String> = finding.callers.iter().map(step).collect();
        lines.push(format!("the connection comes from {}", steps.join(", then ")));
    }
    if !finding.callees.is_empty() {
        let steps: Vec<String> = finding.callees.iter().map(step).collect();
        lines.push(format!("it is awaited in {}", steps.join(", then ")));
    }
    lines
}

fn step(link: &Link) -> String {
    format!("`{}` ({}:{})", link.function, link.file, link.line)
}

fn range(file: &SourceFile, span: Span) -> std::ops::Range<usize> {
    let end = file.text.len();
    let lo = file.text.floor_char_boundary((span.lo as usize).min(end));
    let hi = (span.hi as usize).clamp((lo + 1).min(end), end);
    lo..file.text.ceil_char_boundary(hi)
}

/// Returns the last lines of a report.
pub fn summary(report: &Report, shown: &[&Finding], in_tests: usize, known: usize) -> String {
    let mut text = format!(
        "{} in {} of {} ({} {} a connection)\n",
        plural(shown.len(), "finding"),
        plural(report.lines, "line"),
        plural(report.functions, "function"),
        report.holding.len(),
        if report.holding.len() == 1 { "holds" } else { "hold" }
    );
    if in_tests > 0 {
        text.push_str(&format!(
            "{in_tests} more in tests, benches and examples: `--tests` shows them\n"
        ));
    }
    if known > 0 {
        text.push_str(&format!("{known} known from the baseline\n"));
    }
    if !shown.is_empty() {
        text.push_str("`cargo shortlease --explain CODE` explains a code\n");
    }
    text
}

/// Returns a number with its word: `1 function`, `2 functions`.
pub fn plural(count: usize, word: &str) -> String {
    match count {
        1 => format!("1 {word}"),
        _ => format!("{count} {word}s"),
    }
}
