//! Chains of calls that await more than once: `get(url).send().await?.text().await?`.

use crate::findings::Finding;

/// Returns findings of one function, of which those of one chain are one: the first, which counts the others.
pub(super) fn one_for_each_chain(findings: Vec<Finding>) -> Vec<Finding> {
    let mut kept: Vec<Finding> = Vec::new();
    for finding in findings {
        let subject = finding.subject.span;
        let first = kept.iter_mut().find(|first| {
            let same = (first.code, first.acquired.span) == (finding.code, finding.acquired.span);
            same && first.subject.span.lo == subject.lo && first.span.hi <= subject.hi
        });
        match first {
            Some(first) => first.chained += 1,
            None => kept.push(finding),
        }
    }
    kept
}
