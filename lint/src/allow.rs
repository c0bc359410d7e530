//! Comments that allow a finding: `// shortlease: allow(SA001, reason = "..")`.

use crate::findings::{Code, Confidence, Finding, GuardKind, Place, Severity, Use, Waits};
use crate::source::SourceFile;
use crate::syntax::{Span, line_comments};

const MARK: &str = "shortlease: allow(";

/// One comment.
#[derive(Debug)]
struct Allow {
    line: usize,
    span: Span,
    codes: Vec<Code>,
    has_reason: bool,
    used: bool,
}

/// A function's statements, as first and last line each.
pub(crate) type Statements = Vec<(usize, usize)>;

/// Removes findings that a comment allows, and adds one for each comment that allows nothing or gives no reason.
pub(crate) fn apply(
    files: &[SourceFile],
    statements: impl Fn(usize) -> Statements,
    findings: &mut Vec<Finding>,
    package_of: impl Fn(usize) -> String,
) {
    for (at, file) in files.iter().enumerate() {
        if !file.text.contains(MARK) {
            continue;
        }
        let mut allows = read(file);
        findings.retain(|finding| {
            if finding.file_index != at {
                return true;
            }
            let lines = statements(finding.function_index);
            let allowed = allows.iter_mut().find(|allow| {
                allow.has_reason
                    && allow.codes.contains(&finding.code)
                    && covers(allow.line, finding.line, &lines)
            });
            match allowed {
                Some(allow) => {
                    allow.used = true;
                    false
                }
                None => true,
            }
        });
        for allow in allows.iter().filter(|allow| !allow.used) {
            findings.push(unused(file, at, allow, package_of(at)));
        }
    }
}

/// Returns true if a comment stands on the finding's line, or in front of a statement with the finding in it.
fn covers(comment: usize, finding: usize, statements: &Statements) -> bool {
    comment == finding
        || comment + 1 == finding
        || statements
            .iter()
            .any(|(first, last)| *first == comment + 1 && (*first..=*last).contains(&finding))
}

fn read(file: &SourceFile) -> Vec<Allow> {
    let mut found = Vec::new();
    for comment in line_comments(&file.text) {
        // A doc comment shows how it is written, and allows nothing.
        let text = file.slice(comment).trim_end();
        let Some(Written { codes, has_reason, .. }) = written(text) else { continue };
        let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
        found.push(Allow {
            line: file.line(comment.lo),
            span: Span { lo: comment.lo, hi: comment.lo.saturating_add(length) },
            codes,
            has_reason,
            used: false,
        });
    }
    found
}

/// The arguments of a comment: `SA001, reason = ".."`, or `SA001 = ".."` as in the attribute.
struct Written<'a> {
    codes: Vec<Code>,
    /// The words that are no code.
    other: Vec<&'a str>,
    has_reason: bool,
}

/// Returns true for a comment that allows findings, or would if it were right.
pub(crate) fn is_allow(comment: &str) -> bool {
    written(comment).is_some()
}

fn written(comment: &str) -> Option<Written<'_>> {
    let inside = comment.strip_prefix("//").map(str::trim_start);
    let arguments = inside.and_then(|inside| inside.strip_prefix(MARK))?;
    let mut written = Written { codes: Vec::new(), other: Vec::new(), has_reason: false };
    for (position, part) in arguments.split('"').enumerate() {
        if position % 2 == 1 {
            written.has_reason |= !part.trim().is_empty();
            continue;
        }
        let (words, ends) = part.split_once(')').map_or((part, false), |(words, _)| (words, true));
        let words = words.split([',', '=', ' ']).filter(|word| !word.is_empty());
        for word in words.filter(|word| *word != "reason") {
            match Code::parse(word) {
                Some(code) => written.codes.push(code),
                None => written.other.push(word),
            }
        }
        if ends {
            break;
        }
    }
    Some(written)
}

/// Returns why a comment allows nothing.
pub(crate) fn fault(comment: &str) -> String {
    match written(comment) {
        Some(Written { codes, other, .. }) if codes.is_empty() => match other.first() {
            Some(word) if word.starts_with("SL") => {
                format!("`{word}` is a code of the macro: a comment takes `SA001` and the like")
            }
            Some(word) => format!("`{word}` is no code"),
            None => "it names no code".to_owned(),
        },
        Some(Written { has_reason: false, .. }) => {
            "it gives no reason: `allow(SA001, reason = \"..\")`".to_owned()
        }
        _ => "nothing of that code is found here".to_owned(),
    }
}

fn unused(file: &SourceFile, at: usize, allow: &Allow, package: String) -> Finding {
    let (line, column) = file.position(allow.span.lo);
    let place = Place { span: allow.span, line };
    Finding {
        code: Code::Sa011,
        severity: Severity::Warning,
        confidence: Confidence::High,
        waits: Waits::Nothing,
        file: file.shown.clone(),
        package,
        line,
        column,
        function: String::new(),
        function_line: line,
        subject_text: file.slice(allow.span).trim().to_owned(),
        subject: place,
        guard: None,
        guard_kind: GuardKind::Connection,
        acquired: place,
        is_parameter: false,
        next_use: None,
        takes_another: false,
        between_rows: false,
        helpers: Vec::new(),
        before: Use::Nothing,
        after: Use::Nothing,
        callers: Vec::new(),
        callees: Vec::new(),
        test: file.aside,
        chained: 0,
        is_handler: false,
        is_middleware: false,
        span: allow.span,
        file_index: at,
        function_index: usize::MAX,
    }
}
